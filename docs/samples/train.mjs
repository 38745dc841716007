// Trains with a set that `onnxtimm artifacts` wrote, by onnxruntime-web 1.19.2.
// In a page: import * as ort from 'onnxruntime-web/training'; files are URLs or Uint8Arrays.
export async function train(ort, files, batches) {
  const session = await ort.TrainingSession.create({
    checkpointState: files.checkpoint,
    trainModel: files.train,
    evalModel: files.eval,
    optimizerModel: files.optimizer,
  });
  const loss = session.trainingOutputNames[0];
  const losses = [];
  for (const { shape, images, labels } of batches) {
    // The order of the inputs counts, not their names: that of session.trainingInputNames.
    const results = await session.runTrainStep({
      input: new ort.Tensor('float32', images, shape),
      labels: new ort.Tensor('int64', labels, [shape[0]]),
    });
    losses.push(results[loss].data[0]);
    await session.runOptimizerStep(); // at rate 0.001: this build has no setter
    await session.lazyResetGrad();
  }
  // This build saves no checkpoint; all weights come as one array, in the order of the training model's inputs.
  const weights = await session.getContiguousParameters(false);
  await session.release();
  return { losses, weights: weights.data };
}
