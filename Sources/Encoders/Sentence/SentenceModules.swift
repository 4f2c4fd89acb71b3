import Foundation
import Hub
import Platform
import Torch

/// What a folder's `modules.json` puts behind its encoder, as sentence-transformers saves it.
struct SentenceModules {
  private(set) var poolings: [Pooling] = []
  private(set) var layers: [any Layer] = []
  private(set) var width: Int
  private(set) var maximumLength = Int.max
  /// Content hashes of the weights of `layers`.
  private(set) var weightsIdentity: [String] = []
  /// Content hashes of the files that say what is computed.
  private(set) var configurationIdentity: [String] = []
  private let folder: URL
  private var problems: [String] = []

  static let file = "modules.json"
  private static let supported =
    "Transformer, then Pooling (\(Pooling.allCases.map(\.rawValue).joined(separator: ", "))), then "
    + "any of Dense (\(activations.map(\.name).joined(separator: ", "))), Normalize and Dropout"
  private static let activations: [(name: String, function: (@Sendable (Tensor) -> Tensor)?)] = [
    ("Identity", nil), ("Tanh", { $0.tanh() }), ("ReLU", relu), ("GELU", gelu), ("SiLU", silu),
    ("Sigmoid", { $0.sigmoid() }),
  ]

  /// Reads `modules.json` and what it names; nil where there is none.
  ///
  /// - Parameter tokenWidth: the encoder's.
  /// - Throws: ``EncoderError``, which names everything that is not supported, and says what is.
  init?(_ folder: URL, tokenWidth: Int) throws {
    self.folder = folder
    width = tokenWidth
    let file = folder.appendingPathComponent(Self.file)
    guard FileManager.default.fileExists(atPath: file.path) else { return nil }
    let data = Data(try readFile(file.path, wanted: "a list of modules with path and type"))
    guard let modules = try? JSONDecoder().decode([Module].self, from: data)
    else { throw EncoderError("\(file.path): is not a list of modules with path and type.") }
    configurationIdentity.append(try FileHash.sha256(of: file))
    for (index, module) in modules.enumerated() { try read(module, at: index) }
    if !modules.contains(where: { $0.kind == "Pooling" }) { problems.append("there is no Pooling") }
    try readOptions()
    guard problems.isEmpty else {
      throw EncoderError(
        "\(file.path): \(problems.joined(separator: "; ")). Supported are: \(Self.supported).")
    }
  }

  func encoder(over base: some TextEncoder) -> any TextEncoder {
    SentenceEncoder(
      base: base, dense: Sequential(layers), poolings: poolings, width: width,
      maximumLength: min(base.maximumLength, maximumLength))
  }

  private struct Module: Decodable {
    let path: String
    let type: String
    /// Releases differ in where their classes are.
    var kind: String { String(type.split(separator: ".").last ?? "") }
  }

  private mutating func read(_ module: Module, at index: Int) throws {
    switch (module.kind, index) {
    case ("Transformer", 0):
      if module.path != "" {
        problems.append("the Transformer is in \(module.path), wanted beside \(Self.file)")
      }
    case ("Pooling", 1): try readPooling(module.path)
    case ("Dense", 2...): try readDense(module.path)
    case ("Normalize", 2...): layers.append(Torch.Activation { normalize($0) })
    case ("Dropout", 2...): break  // of training
    default: problems.append("module \(index) is \(module.type)")
    }
  }

  private mutating func open(_ path: String) throws -> Settings {
    let file = folder.appendingPathComponent(path)
    configurationIdentity.append(try FileHash.sha256(of: file))
    return try Settings(contentsOf: file)
  }

  private mutating func note(_ path: String, _ settings: Settings) {
    problems += settings.problems.map { "\(path): \($0)" }
  }

  private mutating func readPooling(_ folder: String) throws {
    let path = folder + "/config.json"
    var settings = try open(path)
    let flags: [(key: String, pooling: Pooling)] = [
      ("pooling_mode_cls_token", .first), ("pooling_mode_max_tokens", .max),
      ("pooling_mode_mean_tokens", .mean),
      ("pooling_mode_mean_sqrt_len_tokens", .meanSquareRootLength),
      ("pooling_mode_weightedmean_tokens", .weightedMean), ("pooling_mode_lasttoken", .last),
    ]
    if let mode = settings["pooling_mode"] {
      poolings = (mode.array ?? [mode]).compactMap {
        if case .string(let name) = $0 { Pooling(rawValue: name) } else { nil }
      }
      if poolings.count != mode.array?.count ?? 1 {
        settings.reject("pooling_mode", wanted: "of those supported")
      }
    } else {
      poolings = flags.filter { settings.bool($0.key, default: false) }.map(\.pooling)
      if poolings.isEmpty { poolings = [.mean] }
    }
    let key =
      settings["embedding_dimension"] == nil ? "word_embedding_dimension" : "embedding_dimension"
    if settings.integer(key, default: width) != width {
      settings.reject(key, wanted: "the encoder's width, \(width)")
    }
    note(path, settings)
    width *= poolings.count
  }

  private mutating func readDense(_ name: String) throws {
    let path = name + "/config.json"
    var settings = try open(path)
    let input = settings.integer("in_features", default: width)
    if input != width { settings.reject("in_features", wanted: "what comes in, \(width)") }
    width = settings.integer("out_features", default: width)
    let hasBias = settings.bool("bias", default: true)
    let type = settings.string("activation_function", default: "Tanh").split(separator: ".").last
    let activation = Self.activations.first { type == $0.name[...] }
    if activation == nil {
      settings.reject("activation_function", wanted: "of those supported")
    }
    if settings.bool("use_residual", default: false) {
      settings.reject("use_residual", wanted: "false")
    }
    note(path, settings)
    guard problems.isEmpty else { return }
    let files = WeightFiles(files: try ModelFiles(folder: folder.appendingPathComponent(name)))
    let url = files.files.folder.path
    guard let state = try files.read() else {
      throw EncoderError("\(url): holds neither model.safetensors nor pytorch_model.bin.")
    }
    let initializer = Initializer(generator: nil, toTake: state)
    let linear = initializer.linear(input, width, std: 0, bias: hasBias)
    guard initializer.count != nil else {
      throw EncoderError(
        "\(folder.path)/\(path): in_features \(input) and out_features \(width) are not those of the "
          + "weights beside it.")
    }
    do {
      try linear.load(state, prefix: "linear.")
    } catch let error as StateError {
      throw EncoderError("\(url): \(error)")
    }
    weightsIdentity.append(try files.identity(seed: 0))
    layers.append(linear)
    if let function = activation?.function { layers.append(Torch.Activation(function)) }
  }

  /// How texts are prepared, in the files beside: what happens before tokens is not done here.
  private mutating func readOptions() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    for name in names where name.hasPrefix("sentence_") && name.hasSuffix("_config.json") {
      var settings = try open(name)
      maximumLength = settings.integer("max_seq_length", default: maximumLength)
      if settings.bool("do_lower_case", default: false) {
        settings.reject("do_lower_case", wanted: "false: lowercasing is the tokenizer's work")
      }
      let task = "feature-extraction"
      if settings.string("transformer_task", default: task) != task {
        settings.reject("transformer_task", wanted: "\"\(task)\"")
      }
      note(name, settings)
    }
    let name = "config_sentence_transformers.json"
    guard names.contains(name) else { return }
    var settings = try open(name)
    if settings["default_prompt_name"] != nil {
      settings.reject(
        "default_prompt_name", wanted: "null: put the prompt before the text yourself")
    }
    note(name, settings)
  }
}
