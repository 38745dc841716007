// Loads every .onnx file of a folder: prints a line for each that cannot be loaded.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import ort from "onnxruntime-node";

const folder = process.argv[2];
let failed = 0;
for (const file of readdirSync(folder).filter(name => name.endsWith(".onnx")).sort()) {
    try {
        const session = await ort.InferenceSession.create(join(folder, file), { graphOptimizationLevel: "disabled" });
        await session.release?.();
    } catch (error) {
        failed++;
        console.log(`${file}: ${error.message.split("\n")[0]}`);
    }
}
process.exit(failed > 0 ? 1 : 0);
