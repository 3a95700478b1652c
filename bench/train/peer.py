"""PyTorch's side of `bench train`: the orders of `orders.ts` as lines of JSON. Arguments: threads, folder of MNIST."""

import json
import os
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

from models import MODELS, BATCHES

torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(1)

model = optimizer = kind = None
given = []
taken = 0


def loss_of(kind, prediction, target):
    if kind == "logistic":
        return F.binary_cross_entropy_with_logits(prediction, target)
    return F.cross_entropy(prediction, target)


def step(x, y):
    optimizer.zero_grad(set_to_none=True)
    loss = loss_of(kind, model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


def start(name):
    global model, optimizer, kind, given, taken
    kind = name
    model = MODELS[name]()
    model.train()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, eps=1e-7)
    given = BATCHES[name](4)
    taken = 0


def steps(count):
    global taken
    ms = []
    loss = float("nan")
    for _ in range(count):
        x, y = given[taken % len(given)]
        taken += 1
        since = time.perf_counter()
        loss = step(x, y)
        ms.append((time.perf_counter() - since) * 1000)
    return {"ms": ms, "loss": loss}


def idx(name, skip):
    return np.fromfile(os.path.join(sys.argv[2], name), dtype=np.uint8)[skip:]


def epoch():
    """Batches are taken by index, which is several times faster than a DataLoader."""
    global model, optimizer, kind
    since = time.perf_counter()
    images = torch.from_numpy(idx("train-images-idx3-ubyte", 16)).reshape(-1, 784).float().div_(255)
    labels = torch.from_numpy(idx("train-labels-idx1-ubyte", 8)).long()
    idx("t10k-images-idx3-ubyte", 16), idx("t10k-labels-idx1-ubyte", 8)
    kind = "mlp"
    model = MODELS[kind]()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, eps=1e-7)
    order = torch.randperm(len(images))
    total = 0.0
    for at in range(0, len(images), 128):
        batch = order[at : at + 128]
        total += step(images[batch], labels[batch]) * len(batch)
    return {"ms": [(time.perf_counter() - since) * 1000], "loss": total / len(images)}


def memory():
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith("VmHWM"))
    return {"peakMb": int(line.split()[1]) / 1024}


for line in sys.stdin:
    order = json.loads(line)
    if order["do"] == "start":
        start(order["model"])
        answer = {"about": f"PyTorch {torch.__version__}"}
    elif order["do"] == "steps":
        answer = steps(order["count"])
    elif order["do"] == "epoch":
        answer = epoch()
    else:
        answer = memory()
    print(json.dumps(answer), flush=True)
