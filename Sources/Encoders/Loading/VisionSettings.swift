extension Settings {
  /// Rejects sizes that no vision transformer can have.
  mutating func checkVision(hiddenSize: Int, headCount: Int, imageSize: Int, patchSize: Int) {
    if hiddenSize % headCount != 0 {
      reject("hidden_size", wanted: "a multiple of num_attention_heads, which is \(headCount)")
    }
    if patchSize > imageSize {
      reject("patch_size", wanted: "at most image_size, which is \(imageSize)")
    }
    if integer("num_channels", default: 3) != 3 {
      reject("num_channels", wanted: "3: images are RGB")
    }
  }
}
