// Antialiased resampling of bytes as Pillow does it (src/libImaging/Resample.c, 8 bits per channel):
// one pass over rows, then one over columns, each with weights of 22 fractional bits and rounding
// to bytes between them. libtorch's own kernel for bytes has 16-bit weights and is off by up to 2.

/// The weights that make one axis of an image longer or shorter.
struct ResampledAxis: Sendable {
  typealias Filter = ImageProcessorConfiguration.Resample

  static let fractionalBits: Int32 = 22
  static let half: Int32 = 1 << (fractionalBits - 1)

  /// For each output position, the first input position that counts.
  private(set) var starts: [Int] = []
  /// For each output position, how many input positions count.
  private(set) var counts: [Int] = []
  /// For each output position, ``stride`` weights, of which the first `counts` are used.
  private(set) var weights: [Int32] = []
  let stride: Int

  /// - Parameters:
  ///   - input: Length of the axis before.
  ///   - output: Length after.
  ///   - kept: The output positions that are wanted.
  init(input: Int, output: Int, kept: Range<Int>, filter: Filter) {
    guard input != output else {
      stride = 1
      starts = Array(kept)
      counts = kept.map { _ in 1 }
      weights = kept.map { _ in 1 << Self.fractionalBits }
      return
    }
    let scale = Double(input) / Double(output)
    let width = max(scale, 1)  // of the filter, in input positions
    let support = (filter == .bicubic ? 2 : 1) * width
    stride = Int(support.rounded(.up)) * 2 + 1
    for position in kept {
      let center = (Double(position) + 0.5) * scale
      let start = max(Int(center - support + 0.5), 0)
      let end = min(Int(center + support + 0.5), input)
      let values = (start..<end).map {
        Self.value(filter, at: (Double($0) - center + 0.5) * (1 / width))
      }
      let total = values.reduce(0, +)
      starts.append(start)
      counts.append(end - start)
      for value in values {
        let scaled = value / total * Double(1 << Self.fractionalBits)
        weights.append(Int32(scaled < 0 ? scaled - 0.5 : scaled + 0.5))  // towards zero
      }
      weights += repeatElement(0, count: stride - values.count)
    }
  }

  /// The input positions that any wanted output position needs.
  var needed: Range<Int> {
    guard let first = starts.first, let last = starts.last, let count = counts.last else {
      return 0..<0
    }
    return first..<(last + count)
  }

  /// A sum without its fraction, as a byte.
  static func byte(_ sum: Int32) -> UInt8 {
    UInt8(truncatingIfNeeded: min(max(sum &>> fractionalBits, 0), 255))
  }

  private static func value(_ filter: Filter, at x: Double) -> Double {
    let x = abs(x)
    switch filter {
    case .bilinear: return x < 1 ? 1 - x : 0
    case .bicubic:  // Catmull-Rom: a = -0.5
      if x < 1 { return (1.5 * x - 2.5) * x * x + 1 }
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0
    }
  }
}

/// Resamples RGB frames of one size, row by row.
struct Resampler: Sendable {
  let columns: ResampledAxis
  let rows: ResampledAxis
  /// Bytes in a row of the input.
  let rowBytes: Int

  /// Length of an output row, in bytes.
  private var outputBytes: Int { columns.starts.count * 3 }

  /// Calls `body` with each output row in turn, as RGB bytes that are valid during the call.
  ///
  /// - Parameter frame: RGB bytes, [height, width, 3].
  func forEachRow(
    of frame: UnsafePointer<UInt8>, _ body: (Int, UnsafePointer<UInt8>) -> Void
  ) {
    let needed = rows.needed
    let narrowed = UnsafeMutablePointer<UInt8>.allocate(capacity: needed.count * outputBytes)
    let sums = UnsafeMutablePointer<Int32>.allocate(capacity: outputBytes)
    let row = UnsafeMutablePointer<UInt8>.allocate(capacity: outputBytes)
    defer {
      narrowed.deallocate()
      sums.deallocate()
      row.deallocate()
    }
    for (index, y) in needed.enumerated() {
      resampleRow(frame + y * rowBytes, into: narrowed + index * outputBytes)
    }
    rows.weights.withUnsafeBufferPointer { weights in
      for y in 0..<rows.starts.count {
        sums.update(repeating: ResampledAxis.half, count: outputBytes)
        for tap in 0..<rows.counts[y] {
          let weight = weights[y * rows.stride + tap]
          let input = narrowed + (rows.starts[y] - needed.lowerBound + tap) * outputBytes
          for i in 0..<outputBytes { sums[i] &+= Int32(truncatingIfNeeded: input[i]) &* weight }
        }
        for i in 0..<outputBytes {
          row[i] = ResampledAxis.byte(sums[i])
        }
        body(y, row)
      }
    }
  }

  private func resampleRow(
    _ source: UnsafePointer<UInt8>, into output: UnsafeMutablePointer<UInt8>
  ) {
    columns.weights.withUnsafeBufferPointer { weights in
      for x in 0..<columns.starts.count {
        var (red, green, blue) = (ResampledAxis.half, ResampledAxis.half, ResampledAxis.half)
        var pixel = source + columns.starts[x] * 3
        let first = x &* columns.stride
        for tap in 0..<columns.counts[x] {
          let weight = weights[first &+ tap]
          red &+= Int32(truncatingIfNeeded: pixel[0]) &* weight
          green &+= Int32(truncatingIfNeeded: pixel[1]) &* weight
          blue &+= Int32(truncatingIfNeeded: pixel[2]) &* weight
          pixel += 3
        }
        output[x * 3] = ResampledAxis.byte(red)
        output[x * 3 + 1] = ResampledAxis.byte(green)
        output[x * 3 + 2] = ResampledAxis.byte(blue)
      }
    }
  }
}
