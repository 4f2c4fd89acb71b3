extension WeightName {
  /// A name as most text models spell it.
  ///
  /// - Parameters:
  ///   - prefixes: levels that models with a head put before the encoder; the first that fits goes.
  ///   - heads: what names of other parts start with.
  init(_ nameInFile: String, withoutPrefix prefixes: [String], ignoring heads: [String]) {
    let buffers = [".position_ids", ".token_type_ids"]
    if heads.contains(where: nameInFile.hasPrefix) || buffers.contains(where: nameInFile.hasSuffix)
    {
      self = .ignored
      return
    }
    let prefix = prefixes.first(where: nameInFile.hasPrefix) ?? ""
    var name = nameInFile.dropFirst(prefix.count)
    // As TensorFlow called them, in the oldest files.
    if name.hasSuffix("LayerNorm.gamma") { name = name.dropLast(5) + "weight" }
    if name.hasSuffix("LayerNorm.beta") { name = name.dropLast(4) + "bias" }
    self = .parameter(String(name))
  }
}
