"""Weights as training programs wrap them: make.py FOLDER."""
import torch, collections, pathlib, datetime, enum, json, os, sys
D = sys.argv[1]
w = collections.OrderedDict([("conv.weight", torch.arange(6.).reshape(2,3,1,1)), ("fc.weight", torch.arange(4.).reshape(2,2)), ("fc.bias", torch.arange(2.))])
P = lambda p: collections.OrderedDict((p + k, v) for k, v in w.items())
S = lambda n, o: torch.save(o, f"{D}/{n}.pth")
class Kind(enum.Enum):
    A = 1
class Log(dict): pass
S("compile_of_ddp", P("_orig_mod.module.")); S("ddp_of_compile", P("module._orig_mod.")); S("lightning", {"epoch": 1, "state_dict": P("model.")})
S("lightning_more", {"state_dict": {**P("model."), "loss.weight": torch.ones(2)}})
S("backbone", {"meta": {}, "state_dict": P("backbone.")}); S("fsdp", P("_fsdp_wrapped_module."))
S("fsdp_inner", collections.OrderedDict((k.replace("fc.", "fc._fsdp_wrapped_module."), v) for k, v in w.items()))
S("tutorial", {"model_state_dict": w, "optimizer_state_dict": {"state": {0: {"step": torch.tensor(1.)}}}, "epoch": 2}); S("net", {"net": P("module."), "acc": 91.5})
S("teacher", {"student": P("module."), "teacher": P("module.")}); S("path", {"state_dict": w, "args": {"out": pathlib.PosixPath("/x")}})
S("date", {"state_dict": w, "time": datetime.datetime(2020, 1, 1)}); S("deque", {"state_dict": w, "log": collections.deque([1.0])})
S("enum", {"state_dict": w, "kind": Kind.A, "log": Log(a=1)}); S("swa", {**P("module."), "n_averaged": torch.tensor(3)})
S("two", collections.OrderedDict([*P("student.").items(), *P("teacher.").items()]))
S("quantized", {"fc.weight": torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8)})
S("sparse", {"fc.weight": torch.ones(2,2).to_sparse()})
class Holder(dict): pass
S("holder", {"state_dict": Holder(w)})
m = torch.nn.Linear(2,2); S("module", m); S("module_inside", {"model": m})
os.makedirs(f"{D}/sharded_bin", exist_ok=True)
names = list(w); parts = {"pytorch_model-00001-of-00002.bin": names[:1], "pytorch_model-00002-of-00002.bin": names[1:]}
for f, ns in parts.items(): torch.save({n: w[n] for n in ns}, f"{D}/sharded_bin/{f}")
json.dump({"metadata": {"total_size": 48}, "weight_map": {n: f for f, ns in parts.items() for n in ns}}, open(f"{D}/sharded_bin/pytorch_model.bin.index.json", "w"))
