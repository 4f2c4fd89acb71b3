/// The turns that a player gives to a video's frames, a multiple of 90° clockwise, as its display matrix says:
/// a matrix in between, or one that mirrors, counts as the nearest turn, as in TorchCodec.
struct QuarterTurns: Equatable {
  /// 0 to 3.
  let clockwise: Int

  static let none = QuarterTurns(clockwise: 0)

  /// "turned by 90°"; nil where nothing is turned.
  var description: String? { clockwise == 0 ? nil : "turned by \(clockwise * 90)°" }

  /// The size of a turned frame.
  func size(_ width: Int, _ height: Int) -> (width: Int, height: Int) {
    clockwise % 2 == 0 ? (width, height) : (height, width)
  }

  /// Turns a picture of [height, width, 3].
  func turn(
    _ source: UnsafePointer<UInt8>, width: Int, height: Int,
    into destination: UnsafeMutablePointer<UInt8>
  ) {
    let (outWidth, outHeight) = size(width, height)
    for y in 0..<outHeight {
      for x in 0..<outWidth {
        let (fromX, fromY) =
          switch clockwise {
          case 1: (y, height - 1 - x)
          case 2: (width - 1 - x, height - 1 - y)
          case 3: (width - 1 - y, x)
          default: (x, y)
          }
        let from = source + (fromY * width + fromX) * 3
        let to = destination + (y * outWidth + x) * 3
        (to[0], to[1], to[2]) = (from[0], from[1], from[2])
      }
    }
  }
}
