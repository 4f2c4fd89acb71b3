import Foundation
import LeRobot
import Testing

/// What Fixtures/augmentation/make_fixtures.py wrote.
private struct AugmentationGolden: Decodable {
  struct Case: Decodable {
    var kind: String
    var amounts: [Double]

    var adjustment: ImageAdjustment {
      switch kind {
      case "brightness": .brightness(amounts[0])
      case "contrast": .contrast(amounts[0])
      case "saturation": .saturation(amounts[0])
      case "hue": .hue(amounts[0])
      case "sharpness": .sharpness(amounts[0])
      default: .affine(degrees: amounts[0], shiftX: amounts[1], shiftY: amounts[2])
      }
    }
  }
  var width: Int
  var height: Int
  var cases: [Case]

  static let all = try! JSONDecoder().decode(
    AugmentationGolden.self,
    from: Data(contentsOf: fixtures.appending(path: "augmentation/augmentation.json")))

  /// The picture, then the result of each case.
  static let pictures: [[UInt8]] = {
    let bytes = try! [UInt8](
      Data(contentsOf: fixtures.appending(path: "augmentation/augmentation.bin")))
    let size = all.width * all.height * 3
    return stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<$0 + size]) }
  }()
}

@Suite struct ImageAugmentationTests {
  private let golden = AugmentationGolden.all
  private let pictures = AugmentationGolden.pictures

  /// Byte for byte.
  @Test func adjustmentsEqualTorchvisions() {
    for (index, wanted) in golden.cases.enumerated() {
      var pixels = pictures[0]
      ImageAdjustment.apply(
        [wanted.adjustment], to: &pixels, width: golden.width, height: golden.height)
      let different = zip(pixels, pictures[index + 1]).filter { $0 != $1 }
      #expect(different.isEmpty, "\(wanted.kind) \(wanted.amounts): \(different.count)")
      #expect(pixels != pictures[0])
    }
  }

  @Test func amountsThatChangeNothing() {
    let (width, height) = (golden.width, golden.height)
    for adjustment: ImageAdjustment in [
      .brightness(1), .contrast(1), .saturation(1), .sharpness(1),
      .affine(degrees: 0, shiftX: 0, shiftY: 0),
    ] {
      var pixels = pictures[0]
      ImageAdjustment.apply([adjustment], to: &pixels, width: width, height: height)
      #expect(pixels == pictures[0])
    }
    // Through HSV and back a value may lose one.
    var pixels = pictures[0]
    ImageAdjustment.apply([.hue(0)], to: &pixels, width: width, height: height)
    #expect(zip(pixels, pictures[0]).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
  }

  @Test func tinyPictures() {
    let all: [ImageAdjustment] = [
      .brightness(0.9), .contrast(1.1), .saturation(0), .hue(0.5), .sharpness(1.5),
      .affine(degrees: 3, shiftX: 0, shiftY: 0),
    ]
    var pixels: [UInt8] = [255, 0, 0, 0, 0, 0]
    ImageAdjustment.apply(all, to: &pixels, width: 2, height: 1)
    #expect(pixels.count == 6)
    // A red pixel's luma: 0.2989 · 255 = 76.2.
    pixels = [255, 0, 0]
    ImageAdjustment.apply([.saturation(0)], to: &pixels, width: 1, height: 1)
    #expect(pixels == [76, 76, 76])
    // Half around the circle: cyan.
    pixels = [255, 0, 0]
    ImageAdjustment.apply([.hue(0.5)], to: &pixels, width: 1, height: 1)
    #expect(pixels == [0, 255, 255])
  }

  @Test func oneDrawForAWindow() {
    let size = pictures[0].count
    let draw = ImageAugmentation().draw(seed: 1, sample: 2)
    var window = pictures[0] + pictures[3]
    ImageAdjustment.apply(draw, to: &window, width: golden.width, height: golden.height)
    for (place, picture) in [pictures[0], pictures[3]].enumerated() {
      var alone = picture
      ImageAdjustment.apply(draw, to: &alone, width: golden.width, height: golden.height)
      #expect(Array(window[place * size..<(place + 1) * size]) == alone)
    }
  }

  @Test func drawsDependOnSeedSampleAndCameraAlone() {
    let augmentation = ImageAugmentation()
    let first = augmentation.draw(seed: 3, sample: 4)
    #expect(first == augmentation.draw(seed: 3, sample: 4))
    #expect(first != augmentation.draw(seed: 3, sample: 5))
    #expect(first != augmentation.draw(seed: 4, sample: 4))
    #expect(first != augmentation.draw(seed: 3, sample: 4, camera: 1))
  }

  @Test func drawsAreEvenAndInTheirRanges() {
    let augmentation = ImageAugmentation()
    var counts = [Int](repeating: 0, count: 6)
    var brightness: [Double] = []
    for sample in 0..<6000 {
      let draw = augmentation.draw(seed: 0, sample: sample)
      #expect(draw.count == 3)
      let kinds = draw.map { adjustment in
        switch adjustment {
        case .brightness(let factor):
          brightness.append(factor)
          return 0
        case .contrast: return 1
        case .saturation: return 2
        case .hue(let turns):
          #expect(abs(turns) <= 0.05)
          return 3
        case .sharpness: return 4
        case .affine(let degrees, let x, let y):
          #expect(abs(degrees) <= 5 && abs(x) <= 0.05 && abs(y) <= 0.05)
          return 5
        }
      }
      #expect(kinds == kinds.sorted() && Set(kinds).count == 3)
      for kind in kinds { counts[kind] += 1 }
    }
    // Each kind is in half of the draws: 3000, with a deviation of 39.
    #expect(counts.allSatisfy { abs($0 - 3000) < 200 })
    // Even over 0.8...1.2: mean 1 with a deviation of 0.0021.
    #expect(abs(brightness.reduce(0, +) / Double(brightness.count) - 1) < 0.01)
    #expect(brightness.min()! < 0.81 && brightness.max()! > 1.19)
  }

  @Test func weightsAndCount() {
    var augmentation = ImageAugmentation(
      choices: [
        .init(.brightness(2...2), weight: 0), .init(.hue(0.1...0.1)), .init(.contrast(1...1)),
      ],
      count: 5)
    #expect(augmentation.draw(seed: 0, sample: 0) == [.hue(0.1), .contrast(1)])
    augmentation.count = 0
    #expect(augmentation.draw(seed: 0, sample: 0).isEmpty)
    augmentation.count = 1
    augmentation.choices[1].weight = 3
    let hues = (0..<4000).filter { augmentation.draw(seed: 0, sample: $0) == [.hue(0.1)] }.count
    #expect(abs(hues - 3000) < 150)
    augmentation.count = 2
    augmentation.isRandomOrder = true
    let orders = Set((0..<50).map { "\(augmentation.draw(seed: 0, sample: $0))" })
    #expect(orders.count == 2)
  }

  /// Under 2 ms each in an optimised build; the bound here leaves room for a busy machine.
  @Test func fastEnough() {
    var pixels = (0..<224 * 224 * 3).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 9) }
    for adjustment: ImageAdjustment in [
      .brightness(1.1), .contrast(0.9), .saturation(1.2), .hue(0.03), .sharpness(1.3),
      .affine(degrees: 3, shiftX: 0.02, shiftY: -0.03),
    ] {
      var best = Duration.seconds(1)
      for _ in 0..<5 {
        best = min(
          best,
          ContinuousClock().measure {
            ImageAdjustment.apply([adjustment], to: &pixels, width: 224, height: 224)
          })
      }
      if ProcessInfo.processInfo.environment["RECAP_TIMINGS"] != nil { print(adjustment, best) }
      #if !DEBUG
        #expect(best < .milliseconds(10), "\(adjustment)")
      #endif
    }
  }
}
