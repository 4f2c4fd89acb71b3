import Foundation

/// How a camera's depth is stored, as LeRobot 0.6.1 says it in a feature's `info` (`configs/video.py`,
/// `DepthEncoderConfig`).
///
/// Pictures hold depth itself, in `unit`. Videos hold 12-bit codes: with the shift s, code c is the depth d where
/// c / 4095 = (log(d + s) − log(least + s)) / (log(most + s) − log(least + s)), or the same without logarithms.
public struct DepthEncoding: Sendable, Equatable {
  /// "mm", "m"; nil where the dataset does not say.
  public var unit: String?
  /// Metres.
  public var least = 0.01
  /// Metres.
  public var most = 10.0
  /// Metres.
  public var shift = 3.5
  public var usesLogarithm = true

  static let greatestCode = 4095

  package init() {}

  /// - Returns: nil for a feature that is no depth map.
  package init?(_ feature: JSON) {
    let info = feature["info"]
    let marks = [
      info?["is_depth_map"], info?["video.is_depth_map"],
      feature["video_info"]?["video.is_depth_map"],
    ]
    guard marks.contains(.bool(true)) else { return nil }
    unit = info?["depth_unit"]?.string
    least = info?["video.depth_min"]?.double ?? least
    most = info?["video.depth_max"]?.double ?? most
    shift = info?["video.shift"]?.double ?? shift
    usesLogarithm = info?["video.use_log"]?.bool ?? usesLogarithm
  }

  /// What a code can be computed with; nil where that is so.
  var problem: String? {
    guard least < most, !usesLogarithm || least + shift > 0, most < 1e6, most > -1e6 else {
      return
        "depth from \(decimal(least)) to \(decimal(most)) m with a shift of \(decimal(shift)) m cannot be computed"
    }
    return nil
  }

  /// The millimetres of every code from 0 to 4095: `dequantize_depth` of LeRobot (`datasets/depth_utils.py`) on
  /// tensors, in float32.
  package var millimetres: [Float] {
    let (from, to) = usesLogarithm ? (log(least + shift), log(most + shift)) : (least, most)
    let (scale, offset) = (Float((to - from) / Double(Self.greatestCode)), Float(from))
    return (0...Self.greatestCode).map { code in
      var depth = Float(code) * scale + offset
      if usesLogarithm { depth = exp(depth) - Float(shift) }
      depth = min(max(depth, Float(least)), Float(most))
      return min(max((depth * 1000).rounded(.toNearestOrEven), 0), 65535)
    }
  }

  /// The code of a depth in millimetres: `quantize_depth`.
  package func code(ofMillimetres depth: Float) -> Int {
    let metres = Double(depth) / 1000
    let share =
      usesLogarithm
      ? (log(metres + shift) - log(least + shift)) / (log(most + shift) - log(least + shift))
      : (metres - least) / (most - least)
    guard share > 0 else { return 0 }
    return Int(min(share, 1) * Double(Self.greatestCode) + 0.5)
  }
}
