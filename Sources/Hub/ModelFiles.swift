public import Foundation
import Platform

/// The configuration and weight files of a model's folder, as `transformers` would choose them.
public struct ModelFiles: Sendable {
  /// Which files hold the weights; shards are in the order of their names.
  public enum Weights: Sendable, Equatable {
    case safetensors([URL])
    /// PyTorch's zip of a pickle: to be read by a reader that runs no code.
    case pickled([URL])
    /// `config.json` alone: the model is to be initialised from the seed.
    case none

    public var urls: [URL] {
      switch self {
      case .safetensors(let urls), .pickled(let urls): urls
      case .none: []
      }
    }
  }

  public let folder: URL
  public let configuration: URL
  public let weights: Weights

  /// Looks in `folder` for `config.json`, then for `model.safetensors`, its index and shards,
  /// `pytorch_model.bin`, its index and shards.
  ///
  /// - Throws: ``HubError`` without `config.json`, with a shard missing or a link broken, or when
  ///   the only weights are of a kind that is not read.
  public init(folder: URL) throws {
    let path = folder.path
    configuration = folder.appendingPathComponent("config.json")
    guard Hub.existence(configuration.path) == .file else {
      throw HubError(
        "\(path): there is no config.json; a model's folder has one beside its weights.")
    }
    self.folder = folder
    let names = Set((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [])
    weights =
      try Self.files("model.safetensors", in: folder, names: names).map(Weights.safetensors)
      ?? Self.files("pytorch_model.bin", in: folder, names: names).map(Weights.pickled)
      ?? .none
    if weights == .none {
      let foreign = names.filter(Self.looksLikeWeights).sorted()
      guard foreign.isEmpty else {
        throw HubError(
          "\(path): holds \(foreign.joined(separator: ", ")), but weights are read from "
            + "model.safetensors or pytorch_model.bin (or their shards and .index.json) alone.")
      }
    }
  }

  private static func files(_ name: String, in folder: URL, names: Set<String>) throws -> [URL]? {
    func existing(_ name: String) throws -> URL {
      let url = folder.appendingPathComponent(name)
      guard Hub.existence(url.path) == .file else {
        throw HubError(
          "\(url.path): is a link to nothing; the download was not finished. Get it again.")
      }
      return url
    }
    if names.contains(name) { return [try existing(name)] }
    let index = name + ".index.json"
    guard names.contains(index) else { return nil }
    let url = try existing(index)
    guard
      let bytes = try? readFile(url.path, wanted: "an index of shards"),
      let json = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any],
      let map = json["weight_map"] as? [String: String], !map.isEmpty
    else {
      throw HubError("\(url.path): not an index of shards; wanted the key weight_map.")
    }
    let shards = Set(map.values).sorted()
    let missing = shards.filter { $0.contains("/") || !names.contains($0) }
    guard missing.isEmpty else {
      throw HubError(
        "\(folder.path): \(missing.count) of \(shards.count) shards named in \(index) are "
          + "missing: \(missing.joined(separator: ", ")).")
    }
    return try shards.map(existing)
  }

  /// Weights of other programs: to find them and start from random numbers would be a trap.
  static func looksLikeWeights(_ name: String) -> Bool {
    let extras = ["training_args.bin", "optimizer.bin", "scheduler.bin"]
    let endings = [".safetensors", ".bin", ".h5", ".msgpack", ".gguf", ".onnx", ".ckpt"]
    return !extras.contains(name) && endings.contains { name.hasSuffix($0) }
  }
}
