#!/usr/bin/env bash
# Builds, checks and shows OnnxTimm: build.sh [lint|build|test|test-all|attack|demo|bench|publish|pack|docs]; no verb is lint, build, test.
# publish --edge [RID] makes onnxtimm-run and an archive of it, for linux-x64, linux-x64-v3 or linux-arm64 (docs/edge.md).
# publish --gpu makes the program with ONNX Runtime for CUDA and TensorRT, in artifacts/onnxtimm-cuda (docs/devices.md).
# pack fills artifacts/packages. attack [share [seed]] tries damaged files by the thousand and kills trainings, 1 for all (docs/reliability.md).
# build.ps1 has the same verbs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
program=artifacts/onnxtimm/onnxtimm

lint() {
    dotnet format whitespace --verify-no-changes --no-restore --exclude artifacts
    dotnet build --no-restore -c Release -v quiet
}
build() { dotnet publish src/Cli --no-restore -c Release -v quiet -o artifacts/onnxtimm; }
gpu() {
    rm -rf artifacts/onnxtimm-cuda
    dotnet publish src/Cli -c Release -v quiet -p:OrtPackage=Microsoft.ML.OnnxRuntime.Gpu.Linux --artifacts-path artifacts/cuda -o artifacts/onnxtimm-cuda
}
edge() {
    local rid=$1 name=onnxtimm-run-$1 instructions=
    [ "$1" != linux-x64-v3 ] || rid=linux-x64 instructions=-p:IlcInstructionSet=x86-64-v3
    rm -rf "artifacts/$name"
    dotnet publish src/Edge -c Release -v quiet -r "$rid" -p:PublishAot=true $instructions --artifacts-path artifacts/edge -o "artifacts/$name"
    tar -czf "artifacts/$name.tar.gz" -C artifacts "$name"
}
publish() {
    case ${1:-} in
        --edge) edge "${2:-linux-x64}" ;;
        --gpu) gpu ;;
        "") build ;;
        *) echo "build.sh: publish has no \"$1\"; there are --edge [RID] and --gpu." >&2; exit 1 ;;
    esac
}
pack() {
    dotnet pack src/OnnxTimm -c Release -v quiet -p:Packing=true --artifacts-path artifacts/pack -o artifacts/packages
    dotnet pack src/Package -c Release -v quiet -p:Packing=true --artifacts-path artifacts/pack -o artifacts/packages
    dotnet pack src/ImageSharp -c Release -v quiet -p:Packing=true --artifacts-path artifacts/pack -o artifacts/packages
    dotnet pack src/Cli -c Release -v quiet -p:Packing=true --artifacts-path artifacts/pack -o artifacts/packages
}
run_tests() { dotnet test tests --no-restore -c Release "$@"; }
demo() {
    [ -x "$program" ] || build
    rm -rf output/demo
    "$program" train --data-dir demo/sign-digits --train-split train --val-split val --model tf_efficientnet_lite0 \
        --initial-checkpoint demo/tf_efficientnet_lite0.safetensors --num-classes 10 --img-size 96 \
        --epochs 3 --batch-size 32 --opt adamw --lr 1e-3 --weight-decay 0.05 --warmup-epochs 0 \
        --hflip 0 --color-jitter 0 --scale 0.8 1.0 --output output --experiment demo
    "$program" infer --model output/demo/model_best.onnx --data-dir demo/sign-digits/val.tar --topk 2
    "$program" infer --model tf_efficientnet_lite0 --checkpoint demo/tf_efficientnet_lite0.safetensors \
        --data-dir demo/photos --topk 5
}

verb=${1:-all}
dotnet restore -v quiet
case $verb in
    all) lint; build; run_tests --filter "TestCategory!=all" ;;
    lint) lint ;;
    publish) publish "${@:2}" ;;
    build) build ;;
    pack) pack ;;
    test) run_tests --filter "TestCategory!=all" ;;
    test-all) run_tests ;;
    attack) export ONNXTIMM_ATTACK_SIZE=${2:-1} ONNXTIMM_ATTACK_SEED=${3:-1}; run_tests --filter "FullyQualifiedName~Attacks" ;;
    demo) demo ;;
    bench) dotnet run --no-restore -c Release --project benchmarks -- "${@:2}" ;;
    docs) dotnet run --no-restore --project tools/zoo ;;
    *) echo "build.sh: no verb \"$verb\"; there are lint, build, test, test-all, attack, demo, bench, publish, pack, docs." >&2; exit 1 ;;
esac
