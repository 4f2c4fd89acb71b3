internal import Foundation
internal import Platform
internal import Torch

/// Features of frozen encoders on disk, one safetensors file for each video or text.
///
/// A file's name is made from the hash of all that its features depend on (the encoder's weights, the image
/// processor or tokenizer, the video's bytes or the text), so that it never needs to be brought up to date.
struct FeatureCache {
  /// Made, and hidden from git, when the first features are stored.
  private let folder: OutputFolder

  /// - Throws: one line if the folder cannot be made or written.
  init(folder: String) throws {
    self.folder = OutputFolder(path: folder, key: "dataset.feature_cache")
    try self.folder.check()
  }

  /// The features stored under a key, memory-mapped; nil if there are none of this shape or the file is
  /// damaged.
  func features(_ key: String, shape: [Int], dtype: DType = .float32) -> Tensor? {
    let path = path(key)
    guard FileManager.default.fileExists(atPath: path),
      let features = (try? Safetensors.load(path))?["features"], features.dtype == dtype,
      features.shape == shape
    else { return nil }
    return features
  }

  /// Stores features under a key; complete or not at all.
  func store(_ features: Tensor, _ key: String) throws {
    let ignore = "\(folder.path)/.gitignore"
    if !FileManager.default.fileExists(atPath: ignore) {
      try folder.make()
      try AtomicFile.write(ignore, bytes: "*\n".utf8)
    }
    try Safetensors.save(
      [("features", features)], metadata: [:], to: path(key))
  }

  private func path(_ key: String) -> String { "\(folder.path)/\(key).safetensors" }

  /// `.recap/features` in the dataset's folder where that can be written, else beside the checkpoints.
  static func defaultFolder(dataset: String, checkpoints: String) -> String {
    FileManager.default.isWritableFile(atPath: dataset)
      ? "\(dataset)/.recap/features" : "\(checkpoints)/features"
  }
}
