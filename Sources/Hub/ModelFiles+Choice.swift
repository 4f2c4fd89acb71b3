import Foundation
import Platform

extension ModelFiles {
  /// Chooses what to download of a model's repository: configuration, tokenizer, processor and one
  /// kind of weights, in the order in which ``init(folder:)`` looks for them.
  ///
  /// Files in folders are other programs' copies (`onnx/`, `openvino/`), but for those of the modules
  /// that sentence-transformers puts behind a model (`1_Pooling/`, `2_Dense/`).
  ///
  /// - Throws: ``HubError`` when the only weights are of a kind that is not read.
  static func chosen(from names: [String], of repository: String) throws -> [String] {
    let top = names.filter { !$0.contains("/") }
    let weights = weights(from: top)
    let foreign = names.filter { !isExtra($0) && looksLikeWeights($0) }
    guard !weights.isEmpty || foreign.isEmpty else {
      let shown = foreign.sorted().prefix(3).joined(separator: ", ")
      throw HubError(
        "\(repository): its weights are in \(shown)\(foreign.count > 3 ? ", ..." : ""), but "
          + "weights are read from model.safetensors or pytorch_model.bin (or their shards and "
          + ".index.json) alone. Look on the hub for the model in that form.")
    }
    return top.filter { weights.contains($0) || isExtra($0) }
      + (top.contains("modules.json") ? modules(from: names) : [])
  }

  /// The configuration and weights of numbered folders.
  private static func modules(from names: [String]) -> [String] {
    let folders = Dictionary(grouping: names) { name in
      let parts = name.split(separator: "/")
      return parts.count == 2 && parts[0].first!.isNumber && parts[0].contains("_")
        ? String(parts[0]) + "/" : ""
    }
    return folders.filter { $0.key != "" }.sorted { $0.key < $1.key }.flatMap { folder, files in
      let names = files.map { String($0.dropFirst(folder.count)) }
      let weights = weights(from: names)
      return names.filter { $0 == "config.json" || weights.contains($0) }.map { folder + $0 }
    }
  }

  private static func weights(from names: [String]) -> Set<String> {
    for (stem, ending) in [("model", ".safetensors"), ("pytorch_model", ".bin")] {
      if names.contains(stem + ending) { return [stem + ending] }
      let index = stem + ending + ".index.json"
      guard names.contains(index) else { continue }
      let all = names.filter { $0.hasSuffix(ending) && !isExtra($0) }
      let shards = all.filter { $0.hasPrefix(stem + "-") && $0.contains("-of-") }
      return Set([index] + (shards.isEmpty ? all : shards))
    }
    return []
  }

  /// What lies beside the weights and is small: texts, and the tensors of LeRobot's processors.
  private static func isExtra(_ name: String) -> Bool {
    if name.hasSuffix(".index.json") { return false }
    if name.hasSuffix(".safetensors") { return name.contains("processor") }
    if name.hasPrefix("LICENSE") || name.hasPrefix("NOTICE") { return true }
    return [".json", ".txt", ".model", ".jinja", ".tiktoken"].contains { name.hasSuffix($0) }
  }

  /// Whether a folder that nobody listed holds what a model is used with: whole weights, and a
  /// tokenizer or an image processor.
  static func looksWhole(_ folder: URL) -> Bool {
    guard let files = try? ModelFiles(folder: folder), files.weights != .none else { return false }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let companions = ["tokenizer.json", "vocab.txt", "vocab.json", "preprocessor_config.json"]
    return companions.contains { names.contains($0) }
      && modulesThatNeedFiles(folder).allSatisfy {
        Hub.existence("\(folder.path)/\($0)/config.json") == .file
      }
      && names.allSatisfy { Hub.existence(folder.path + "/" + $0) != .nothing }
  }

  /// The folders that `modules.json` names for modules which have a configuration.
  private static func modulesThatNeedFiles(_ folder: URL) -> [String] {
    struct Module: Decodable { let path: String, type: String }
    guard let bytes = try? readFile(folder.path + "/modules.json", wanted: "a list of modules"),
      let modules = try? JSONDecoder().decode([Module].self, from: Data(bytes))
    else { return [] }
    return modules.filter { $0.type.hasSuffix(".Pooling") || $0.type.hasSuffix(".Dense") }
      .map(\.path)
  }
}
