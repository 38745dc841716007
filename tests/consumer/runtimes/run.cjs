// node run.cjs PACKAGE FOLDER: runs every NAME.onnx of a folder on NAME.in (float32, shape in NAME.shape) and writes
// what it gives first to NAME.out; prints a line for each that fails.
const { readdirSync, readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

const [name, folder] = process.argv.slice(2);
// The WebAssembly build of that time takes a fetch for that of a browser.
if (name === "ort-web") globalThis.fetch = undefined;
const ort = require(name);

async function run(file) {
    const at = ending => join(folder, file.replace(/onnx$/, ending));
    const model = name === "ort-web" ? new Uint8Array(readFileSync(join(folder, file))) : join(folder, file);
    const session = await ort.InferenceSession.create(model);
    const bytes = readFileSync(at("in"));
    const data = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    const shape = readFileSync(at("shape"), "utf8").split(" ").map(Number);
    const results = await session.run({ [session.inputNames[0]]: new ort.Tensor("float32", data, shape) });
    const output = results[session.outputNames[0]].data;
    writeFileSync(at("out"), new Uint8Array(output.buffer, output.byteOffset, output.byteLength));
}

(async () => {
    if (name === "ort-web") ort.env.wasm.numThreads = 1;
    let failed = 0;
    for (const file of readdirSync(folder).filter(f => f.endsWith(".onnx")).sort())
        try {
            await run(file);
        } catch (error) {
            failed++;
            console.log(`${file}: ${String(error.message ?? error).split("\n")[0]}`);
        }
    process.exit(failed > 0 ? 1 : 0);
})();
