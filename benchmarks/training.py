"""The peer of Training.cs: a training step of torchvision's networks in PyTorch, one for each line on standard input."""
import sys
import time

import torch
import torchvision

torch.set_num_threads(2)
MODELS = {
    "resnet18": torchvision.models.resnet18,
    "resnet50": torchvision.models.resnet50,
    "mobilenetv2_100": torchvision.models.mobilenet_v2,
    "efficientnet_b0": torchvision.models.efficientnet_b0,
    "vit_tiny_patch16_224": lambda: torchvision.models.VisionTransformer(224, 16, 12, 3, 192, 768),
}
if sys.argv[1] not in MODELS:
    sys.exit("no such model in torchvision")
model = MODELS[sys.argv[1]]().train().to(memory_format=torch.channels_last)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0.05)
images = torch.rand(16, 3, 224, 224).to(memory_format=torch.channels_last)
targets = torch.zeros(16, dtype=torch.long)
print("ready", flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    optimizer.zero_grad(set_to_none=True)
    torch.nn.functional.cross_entropy(model(images), targets, label_smoothing=0.1).backward()
    optimizer.step()
    print(time.perf_counter() - start, flush=True)
