# Builds, checks and shows OnnxTimm: build.ps1 [lint|build|test|test-all|attack|demo|bench|publish|pack|docs]; no verb is lint, build, test.
# publish --edge [RID] makes onnxtimm-run and an archive of it, for linux-x64, linux-x64-v3 or linux-arm64 (docs/edge.md).
# publish --gpu makes the program with ONNX Runtime for CUDA and TensorRT, in artifacts/onnxtimm-cuda (docs/devices.md).
# pack fills artifacts/packages. attack [share [seed]] tries damaged files by the thousand and kills trainings, 1 for all (docs/reliability.md).
# build.sh has the same verbs.
param([string] $Verb = 'all', [Parameter(ValueFromRemainingArguments)] [string[]] $Rest)
$ErrorActionPreference = 'Stop'
Set-Location $PSScriptRoot
$program = 'artifacts/onnxtimm/onnxtimm'

function Invoke-Step { & $args[0] @($args | Select-Object -Skip 1); if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE } }
function Lint {
    Invoke-Step dotnet format whitespace --verify-no-changes --no-restore --exclude artifacts
    Invoke-Step dotnet build --no-restore -c Release -v quiet
}
function Build { Invoke-Step dotnet publish src/Cli --no-restore -c Release -v quiet -o artifacts/onnxtimm }
function Gpu {
    Remove-Item -Recurse -Force artifacts/onnxtimm-cuda -ErrorAction SilentlyContinue
    Invoke-Step dotnet publish src/Cli -c Release -v quiet -p:OrtPackage=Microsoft.ML.OnnxRuntime.Gpu.Linux --artifacts-path artifacts/cuda -o artifacts/onnxtimm-cuda
}
function Edge([string] $rid) {
    $name = "onnxtimm-run-$rid"
    $instructions = @(if ($rid -eq 'linux-x64-v3') { $rid = 'linux-x64'; '-p:IlcInstructionSet=x86-64-v3' })
    Remove-Item -Recurse -Force "artifacts/$name" -ErrorAction SilentlyContinue
    Invoke-Step dotnet publish src/Edge -c Release -v quiet -r $rid -p:PublishAot=true $instructions --artifacts-path artifacts/edge -o "artifacts/$name"
    Invoke-Step tar -czf "artifacts/$name.tar.gz" -C artifacts $name
}
function Pack {
    Invoke-Step dotnet pack src/OnnxTimm -c Release -v quiet -p:Packing=true --artifacts-path artifacts/pack -o artifacts/packages
    Invoke-Step dotnet pack src/Package -c Release -v quiet -p:Packing=true --artifacts-path artifacts/pack -o artifacts/packages
    Invoke-Step dotnet pack src/ImageSharp -c Release -v quiet -p:Packing=true --artifacts-path artifacts/pack -o artifacts/packages
    Invoke-Step dotnet pack src/Cli -c Release -v quiet -p:Packing=true --artifacts-path artifacts/pack -o artifacts/packages
}
function Test { Invoke-Step dotnet test tests --no-restore -c Release @args }
function Demo {
    if (-not (Test-Path "$program*")) { Build }
    Remove-Item -Recurse -Force output/demo -ErrorAction SilentlyContinue
    Invoke-Step $program train --data-dir demo/sign-digits --train-split train --val-split val --model tf_efficientnet_lite0 `
        --initial-checkpoint demo/tf_efficientnet_lite0.safetensors --num-classes 10 --img-size 96 `
        --epochs 3 --batch-size 32 --opt adamw --lr 1e-3 --weight-decay 0.05 --warmup-epochs 0 `
        --hflip 0 --color-jitter 0 --scale 0.8 1.0 --output output --experiment demo
    Invoke-Step $program infer --model output/demo/model_best.onnx --data-dir demo/sign-digits/val.tar --topk 2
    Invoke-Step $program infer --model tf_efficientnet_lite0 --checkpoint demo/tf_efficientnet_lite0.safetensors `
        --data-dir demo/photos --topk 5
}

Invoke-Step dotnet restore -v quiet
switch ($Verb) {
    'all' { Lint; Build; Test --filter 'TestCategory!=all' }
    'lint' { Lint }
    'publish' {
        switch ($Rest.Count -gt 0 ? $Rest[0] : '') {
            '--edge' { Edge ($Rest.Count -gt 1 ? $Rest[1] : 'linux-x64') }
            '--gpu' { Gpu }
            '' { Build }
            default {
                [Console]::Error.WriteLine("build.ps1: publish has no `"$_`"; there are --edge [RID] and --gpu.")
                exit 1
            }
        }
    }
    'build' { Build }
    'pack' { Pack }
    'test' { Test --filter 'TestCategory!=all' }
    'test-all' { Test }
    'attack' {
        $env:ONNXTIMM_ATTACK_SIZE = if ($Rest.Count -gt 0) { $Rest[0] } else { '1' }
        $env:ONNXTIMM_ATTACK_SEED = if ($Rest.Count -gt 1) { $Rest[1] } else { '1' }
        Test --filter 'FullyQualifiedName~Attacks'
    }
    'demo' { Demo }
    'bench' { Invoke-Step dotnet run --no-restore -c Release --project benchmarks -- @Rest }
    'docs' { Invoke-Step dotnet run --no-restore --project tools/zoo }
    default {
        [Console]::Error.WriteLine("build.ps1: no verb `"$Verb`"; there are lint, build, test, test-all, attack, demo, bench, publish, pack, docs.")
        exit 1
    }
}
