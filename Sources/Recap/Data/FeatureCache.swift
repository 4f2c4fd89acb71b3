internal import Foundation
internal import Torch

/// Features of frozen encoders on disk, one safetensors file for each video or text.
///
/// A file's name is made from the hash of all that its features depend on (the encoder's weights, the image
/// processor or tokenizer, the video's bytes or the text), so that it never needs to be brought up to date.
struct FeatureCache {
  private let folder: String

  /// Opens the cache in a folder, which is made (and hidden from git) if it is not there.
  init(folder: String) throws {
    self.folder = folder
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let ignore = "\(folder)/.gitignore"
    if !FileManager.default.fileExists(atPath: ignore) {
      try Data("*\n".utf8).write(to: URL(fileURLWithPath: ignore))
    }
  }

  /// The features stored under a key, memory-mapped; nil if there are none or the file is damaged.
  func features(_ key: String) -> Tensor? {
    let path = "\(folder)/\(key).safetensors"
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    return (try? Safetensors.load(path))?["features"]
  }

  /// Stores features under a key; complete or not at all.
  func store(_ features: Tensor, _ key: String) throws {
    try Safetensors.save(
      [("features", features)], metadata: [:], to: "\(folder)/\(key).safetensors")
  }

  /// `.recap/features` in the dataset's folder where that can be written, else beside the checkpoints.
  static func defaultFolder(dataset: String, checkpoints: String) -> String {
    FileManager.default.isWritableFile(atPath: dataset)
      ? "\(dataset)/.recap/features" : "\(checkpoints)/features"
  }
}
