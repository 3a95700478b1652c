"""The models of `models.ts` in PyTorch, with batches of the same shapes."""

import torch
from torch import nn


def mlp():
    return nn.Sequential(
        nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 10)
    )


def cnn():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1600, 128), nn.ReLU(), nn.Linear(128, 10),
    )


def convolution(inputs, filters, size, stride):
    return nn.Sequential(
        nn.Conv1d(inputs, filters, size, stride, padding=size // 2, bias=False),
        nn.BatchNorm1d(filters, eps=1e-3, momentum=0.01),
    )


class Block(nn.Module):
    def __init__(self, inputs, filters, stride):
        super().__init__()
        self.one = convolution(inputs, filters, 3, stride)
        self.two = convolution(filters, filters, 3, 1)
        self.shortcut = nn.Identity() if stride == 1 else convolution(inputs, filters, 1, stride)

    def forward(self, x):
        return torch.relu(self.two(torch.relu(self.one(x))) + self.shortcut(x))


def resnet1d():
    parts = [convolution(1, 16, 7, 2), nn.ReLU(), nn.MaxPool1d(3, 2, padding=1)]
    before = 16
    for stage, filters in enumerate((16, 32, 64, 128)):
        for block in range(2):
            parts.append(Block(before, filters, 2 if stage > 0 and block == 0 else 1))
            before = filters
    return nn.Sequential(*parts, nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(128, 10))


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(16, 64, batch_first=True)
        self.out = nn.Linear(64, 10)

    def forward(self, x):
        return self.out(self.lstm(x)[0][:, -1])


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(64, 128)
        self.positions = nn.Parameter(torch.randn(128, 128) * 0.02)
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(128, 4, 512, dropout=0.0, batch_first=True, norm_first=True)
            for _ in range(4)
        )
        self.normal = nn.LayerNorm(128)
        self.out = nn.Linear(128, 10)

    def forward(self, x):
        x = self.embedding(x) + self.positions
        for layer in self.layers:
            x = layer(x)
        return self.out(self.normal(x).mean(1))


MODELS = {
    "mlp": mlp,
    "cnn": cnn,
    "resnet1d": resnet1d,
    "lstm": Lstm,
    "transformer": Transformer,
    "logistic": lambda: nn.Linear(30, 1),
}


def batches(batch, shape, classes, vocabulary=None):
    """Batches that a model can learn: the class is what a fixed random projection of the example says."""

    def make(count):
        size = torch.Size(shape).numel()
        projection = torch.randn(size, classes)
        made = []
        for _ in range(count):
            x = torch.randint(0, vocabulary, (batch, *shape)) if vocabulary else torch.randn(batch, *shape)
            y = (x.reshape(batch, -1).float() @ projection).argmax(1)
            made.append((x, y.float().reshape(batch, 1) if classes == 2 else y))
        return made

    return make


BATCHES = {
    "mlp": batches(128, (784,), 10),
    "cnn": batches(64, (1, 28, 28), 10),
    "resnet1d": batches(32, (1, 4096), 10),
    "lstm": batches(64, (128, 16), 10),
    "transformer": batches(32, (128,), 10, vocabulary=64),
    "logistic": batches(32, (30,), 2),
}
