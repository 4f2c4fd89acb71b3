/// A camera's picture as a row of a Parquet column has it: the bytes of a file, or the numbers of an array.
enum StoredPicture {
  case file(UnsafeRawBufferPointer)
  /// [height, width, 3] or [3, height, width], laid flat.
  case array([UInt8])

  /// The picture in 8-bit RGB; grey where the feature is a depth map.
  func image(_ feature: DatasetInfo.Feature, name: String) throws -> Image {
    switch self {
    case .file(let bytes):
      guard let depth = feature.depth else { return try Image.decode(bytes, name: name) }
      if let problem = depth.problem { throw DatasetError(name, problem) }
      return try DepthMap(bytes, depth, name: name).picture(depth)
    case .array(let values):
      let (width, height) = feature.frameSize!
      guard values.count == width * height * 3 else {
        throw DatasetError(
          name, "has \(values.count) numbers, \(feature.shape) are declared in meta/info.json")
      }
      guard feature.hasChannelsFirst else {
        return Image(width: width, height: height, pixels: values)
      }
      let plane = width * height
      return Image(
        width: width, height: height,
        pixels: (0..<values.count).map { values[$0 % 3 * plane + $0 / 3] })
    }
  }
}
