"""The space-time transformer once more, written from the published equations as plain functions of a state dict."""

import math

import torch
import torch.nn.functional as F


def layer_norm(x):
    return (x - x.mean(-1, keepdim=True)) / (x.var(-1, keepdim=True, correction=0) + 1e-6).sqrt()


def linear(state, name, x):
    return x @ state[f"{name}.weight"].T + state[f"{name}.bias"]


def scalar(state, name, value):
    frequencies = [10000.0 ** (-i / 128) for i in range(128)]
    wave = [math.cos(value * f) for f in frequencies] + [math.sin(value * f) for f in frequencies]
    hidden = linear(state, f"{name}.mlp.0", torch.tensor(wave, dtype=torch.float64))
    return linear(state, f"{name}.mlp.2", F.silu(hidden))


def turned(x):
    """Rotary positions by complex multiplication; x is n d."""
    n, d = x.shape
    pairs = torch.view_as_complex(x.reshape(n, d // 2, 2).contiguous())
    angles = torch.tensor([[p * 10000.0 ** (-2 * i / d) for i in range(d // 2)] for p in range(n)], dtype=torch.float64)
    return torch.view_as_real(pairs * torch.polar(torch.ones_like(angles), angles)).reshape(n, d)


def heads_attention(q, k, v, heads, rotary=False):
    """One sequence, one head at a time."""
    d = q.shape[-1] // heads
    outs = []
    for head in range(heads):
        part = slice(head * d, (head + 1) * d)
        one, other = q[:, part], k[:, part]
        if rotary:
            one, other = turned(one), turned(other)
        outs.append(torch.softmax(one @ other.T / math.sqrt(d), -1) @ v[:, part])
    return torch.cat(outs, -1)


def self_attention(state, name, x, heads, rotary=False):
    q, k, v = linear(state, f"{name}.qkv", x).chunk(3, -1)
    return linear(state, f"{name}.proj", heads_attention(q, k, v, heads, rotary))


def modulated(x, shift, scale):
    return layer_norm(x) * (1 + scale) + shift


def mlp(state, name, x):
    return linear(state, f"{name}.fc2", F.gelu(linear(state, f"{name}.fc1", x), approximate="tanh"))


def table_of_positions(state, h, w, width):
    """Half of the channels for the column, half for the row."""
    quarter = width // 4
    rows = []
    for i in range(h):
        for j in range(w):
            row = []
            for place in (j, i):
                phases = [place * 10000.0 ** (-n / quarter) for n in range(quarter)]
                row += [math.sin(p) for p in phases] + [math.cos(p) for p in phases]
            rows.append(row)
    return torch.tensor(rows, dtype=torch.float64)


def run(state, sizes, z, time):
    """One clip c t h w at one time, without a batch axis."""
    _, t, h, w = z.shape
    pt, ph, pw = sizes.patch
    tokens = F.conv3d(z[None], state["x_embedder.proj.weight"], state["x_embedder.proj.bias"], stride=sizes.patch)[0]
    gt, gh, gw = tokens.shape[1:]
    x = tokens.flatten(2).permute(1, 2, 0)  # t s d
    x = x + table_of_positions(state, gh, gw, sizes.width)
    embedded = scalar(state, "t_embedder", time)
    spatial = temporal = embedded
    if sizes.sizes:
        shown = [scalar(state, "csize_embedder", 4.0 * h), scalar(state, "csize_embedder", 4.0 * w)]
        spatial = embedded + torch.cat([*shown, scalar(state, "ar_embedder", h / w)])
        temporal = embedded + scalar(state, "fl_embedder", t) + scalar(state, "fps_embedder", 2.0)
    six = linear(state, "t_block.1", F.silu(spatial)).reshape(6, -1)
    caption = (
        mlp(state, "y_embedder.y_proj", state["y_embedder.y_embedding"]) if "y_embedder.y_embedding" in state else None
    )
    for i in range(sizes.depth):
        b = f"blocks.{i}"
        shift, scale, gate, shift_mlp, scale_mlp, gate_mlp = state[f"{b}.scale_shift_table"] + six
        x = x + gate * torch.stack(
            [self_attention(state, f"{b}.attn", f, sizes.heads) for f in modulated(x, shift, scale)]
        )
        if sizes.version == 2:
            three = linear(state, "t_block_temp.1", F.silu(temporal)).reshape(3, -1)
            shift, scale, gate = state[f"{b}.scale_shift_table_temporal"] + three
            inner = modulated(x, shift, scale)
        else:
            inner = x + state["pos_embed_temporal"][0][:, None] if i == 0 else x
        columns = [
            self_attention(state, f"{b}.attn_temp", inner[:, s], sizes.heads, sizes.version == 2)
            for s in range(gh * gw)
        ]
        x = x + gate * torch.stack(columns, 1)
        if caption is not None:
            k, v = linear(state, f"{b}.cross_attn.kv_linear", caption).chunk(2, -1)
            q = linear(state, f"{b}.cross_attn.q_linear", x).flatten(0, 1)
            x = x + linear(state, f"{b}.cross_attn.proj", heads_attention(q, k, v, sizes.heads)).reshape(x.shape)
        x = x + gate_mlp * mlp(state, f"{b}.mlp", modulated(x, shift_mlp, scale_mlp))
    shift, scale = state["final_layer.scale_shift_table"] + embedded
    out = linear(state, "final_layer.linear", modulated(x, shift, scale))
    out = out.reshape(gt, gh, gw, pt, ph, pw, sizes.outputs)
    return out.permute(6, 0, 3, 1, 4, 2, 5).reshape(sizes.outputs, t, h, w)
