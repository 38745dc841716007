// Runs the sample of docs on a set: node sample.mjs DIR SIZE CLASSES. Prints how the loss went.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { train } from './train.mjs';

const [dir, size, classes] = process.argv.slice(2);
const main = createRequire(import.meta.url).resolve('onnxruntime-web');
const ort = await import(pathToFileURL(path.join(path.dirname(main), 'ort.training.wasm.min.mjs')));
ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';
const read = name => new Uint8Array(fs.readFileSync(path.join(dir, name)));
const shape = [8, 3, Number(size), Number(size)];
const images = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(i * i));
const labels = BigInt64Array.from({ length: 8 }, (_, i) => BigInt(i % Number(classes)));
const { losses, weights } = await train(ort, {
  checkpoint: read('checkpoint'), train: read('training_model.onnx'), eval: read('eval_model.onnx'), optimizer: read('optimizer_model.onnx'),
}, Array(30).fill({ shape, images, labels }));
console.log(`${losses[0]} -> ${losses.at(-1)}, ${weights.length} weights`);
process.exit(losses.at(-1) < 0.9 * losses[0] ? 0 : 1);
