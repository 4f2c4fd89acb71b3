import Encoders
import Foundation
import Testing
import Torch

/// What makes a text encoder's folder unusable, in one line that names all of it.
@Suite struct TextLoadingTests {
  @Test(arguments: [
    ("distilbert-a", "transformer.layer.1.sa_layer_norm.bias"),
    ("clip-text-a", "text_model.final_layer_norm.bias"),
    ("gemma3-a", "model.layers.2.self_attn.q_norm.weight"),
    ("t5-a", "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"),
  ])
  func whatDoesNotFitIsListed(name: String, tensor: String) throws {
    try Fixture.withFolder(copying: "text/" + name) { folder in
      try edit(folder) { state in
        state[tensor] = nil
        state["surplus"] = Tensor.zeros([1])
        let wrong = try #require(state.keys.sorted().first { $0.hasSuffix("weight") })
        state[wrong] = Tensor.zeros([3])
      }
      let text = message { _ = try Text.load(folder.path, seed: 0) }
      for part in ["1 missing", "1 unexpected: surplus", "1 of another shape", "shape [3]"] {
        #expect(text.contains(part), "\(part) in: \(text)")
      }
      #expect(text.contains(tensor.split(separator: ".").suffix(2).joined(separator: ".")))
      #expect(!text.contains("\n"))
    }
  }

  @Test func copiesOfATiedParameterStandInForItOrEqualIt() throws {
    let copy = "encoder.embed_tokens.weight"
    try Fixture.withFolder(copying: "text/t5-b") { folder in
      let expected = try Text.load(folder.path, seed: 0).model.parameters()[0].floats
      try edit(folder) { $0["shared.weight"] = nil }
      #expect(try Text.load(folder.path, seed: 0).model.parameters()[0].floats == expected)
    }
    try Fixture.withFolder(copying: "text/t5-b") { folder in
      try edit(folder) { $0[copy] = $0[copy]! + 1 }
      let text = message { _ = try Text.load(folder.path, seed: 0) }
      #expect(text.contains("\(copy) differs from shared.weight, with which it is tied"), "\(text)")
    }
  }

  @Test(arguments: [
    (
      #"{"model_type": "gpt2"}"#,
      ["model_type is \"gpt2\"; text encoders are of type bert, camembert, clip, ", ", umt5"]
    ),
    (
      #"{"model_type": "distilbert", "dim": 10, "n_heads": 3, "activation": "mish"}"#,
      ["activation is \"mish\", wanted one of gelu", "dim is 10, wanted a multiple of n_heads"]
    ),
    (
      #"{"model_type": "roberta", "pad_token_id": null, "max_position_embeddings": 1}"#,
      ["pad_token_id is absent", "max_position_embeddings is 1"]
    ),
    (
      #"{"model_type": "clip", "text_config": {"hidden_size": 9, "eos_token_id": [1, 2]}}"#,
      ["text_config.hidden_size is 9", "text_config.eos_token_id is [1, 2], wanted an integer"]
    ),
    (
      #"{"model_type": "mpnet", "relative_attention_num_buckets": 31, "max_position_embeddings": 2}"#,
      [
        "relative_attention_num_buckets is 31, wanted an integer, at least 32",
        "max_position_embeddings is 2",
      ]
    ),
    (
      #"{"model_type": "t5", "feed_forward_proj": "gated-mish", "d_kv": 0}"#,
      ["feed_forward_proj is \"gated-mish\", wanted one of gelu", "d_kv is 0"]
    ),
    (
      #"""
      {"model_type": "gemma3_text", "attn_logit_softcapping": 50.0, "layer_types": ["chunked"],
       "rope_scaling": {"rope_type": "yarn", "factor": 4}, "num_key_value_heads": 3, "head_dim": 7}
      """#,
      [
        "attn_logit_softcapping is 50, wanted null", "layer_types is [\"chunked\"]",
        "rope_scaling.rope_type is \"yarn\", wanted \"default\" or \"linear\"",
        "num_attention_heads is absent, wanted a multiple of num_key_value_heads", "head_dim is 7",
      ]
    ),
    (
      #"""
      {"model_type": "gemma3", "text_config": {"rope_parameters": {"full_attention":
       {"rope_type": "linear"}}}}
      """#,
      ["text_config.rope_parameters.full_attention.factor is absent, wanted a number above 0"]
    ),
  ])
  func configurationsThatCannotBe(json: String, expected: [String]) throws {
    try Fixture.withFolder { folder in
      try Data(json.utf8).write(to: folder.appendingPathComponent("config.json"))
      let text = message { _ = try Text.load(folder.path, seed: 0) }
      for part in expected { #expect(text.contains(part), "\(part) in: \(text)") }
      #expect(text.contains("config.json") && !text.contains("\n"))
    }
  }

  @Test func modulesThatCannotBe() throws {
    try Fixture.withFolder(copying: "text/sentence-b") { folder in
      func write(_ name: String, _ json: String) throws {
        try Data(json.utf8).write(to: folder.appendingPathComponent(name))
      }
      func expectError(_ parts: String..., sourceLocation: SourceLocation = #_sourceLocation) {
        let text = message { _ = try Text.load(folder.path, seed: 0) }
        for part in parts {
          #expect(text.contains(part), "\(part) in: \(text)", sourceLocation: sourceLocation)
        }
      }
      try write("config_sentence_transformers.json", #"{"default_prompt_name": "query"}"#)
      try write("sentence_bert_config.json", #"{"do_lower_case": true}"#)
      try write("2_Dense/config.json", #"{"in_features": 8, "activation_function": "a.b.Mish"}"#)
      expectError(
        "default_prompt_name is \"query\", wanted null", "do_lower_case is true, wanted false",
        "2_Dense/config.json: in_features is 8, wanted what comes in, 24",
        "activation_function is \"a.b.Mish\"")
      try write("1_Pooling/config.json", #"{"pooling_mode": ["mean", "median"]}"#)
      try write(
        "modules.json",
        #"""
        [{"path": "0_Transformer", "type": "a.Transformer"}, {"path": "1_Pooling", "type": "a.Pooling"},
         {"path": "2_LSTM", "type": "a.LSTM"}]
        """#)
      expectError(
        "the Transformer is in 0_Transformer", "pooling_mode is [\"mean\", \"median\"]",
        "module 2 is a.LSTM", "Supported are: Transformer, then Pooling (cls, max, mean,",
        "Normalize")
      try write("modules.json", "{}")
      expectError("modules.json: is not a list of modules")
    }
  }

  @Test func aSentenceEncodersIdentityFollowsItsModules() throws {
    try Fixture.withFolder(copying: "text/sentence-b") { folder in
      let original = try Text.load(folder.path, seed: 0)
      #expect(original.model.width == 6 && original.model.tokenWidth == 8)
      let pooling = folder.appendingPathComponent("1_Pooling/config.json")
      try Data(#"{"pooling_mode": ["mean", "cls", "max"]}"#.utf8).write(to: pooling)
      let other = try Text.load(folder.path, seed: 0)
      #expect(other.identity != original.identity)
      #expect(other.weightsIdentity == original.weightsIdentity)
      try edit(folder.appendingPathComponent("2_Dense")) { state in
        state["linear.bias"] = state["linear.bias"]! + 1
      }
      #expect(try Text.load(folder.path, seed: 0).weightsIdentity != original.weightsIdentity)
    }
  }

  @Test func theLongestTextIsWhatTheFolderSays() throws {
    let lengths = try [
      "sentence-a": 9, "roberta-a": 10, "xlm-roberta-b": 8, "clip-text-a": 10, "t5-a": 512,
      "gemma3-a": 64,
    ].map { try ($0.key, $0.value, Text.load(Fixture.path("text/\($0.key)"), seed: 0)) }
    for (name, length, loaded) in lengths {
      #expect(loaded.model.maximumLength == length, "\(name)")
    }
  }

  @Test func namesAreSpelledForBothReleases() {
    let name = "encoder.layers.0.mlp.fc1.weight"
    #expect(CLIPTextModel.spell(name, .transformers4) == "text_model." + name)
    #expect(SigLIPTextModel.spell(name, .transformers5) == name)
    #expect(CLIPTextModel.resolve("vision_model.post_layernorm.bias") == .ignored)
    #expect(T5EncoderModel.resolve("decoder.final_layer_norm.weight") == .ignored)
    #expect(Gemma3TextModel.resolve("model.vision_tower.head.probe") == .ignored)
    for prefix in ["", "model.", "language_model.model.", "model.language_model."] {
      #expect(Gemma3TextModel.resolve(prefix + "norm.weight") == .parameter("norm.weight"))
    }
  }

  /// Changes the weights of a folder.
  private func edit(_ folder: URL, _ change: (inout StateDictionary) throws -> Void) throws {
    let file = folder.appendingPathComponent("model.safetensors").path
    var state = try Safetensors.load(file).mapValues { $0.clone() }
    try change(&state)
    try Safetensors.save(state.map { ($0.key, $0.value) }, metadata: [:], to: file)
  }
}
