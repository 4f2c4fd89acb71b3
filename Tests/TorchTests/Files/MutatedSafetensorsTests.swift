import Foundation
import Mutations
import Platform
import Testing
import Torch

/// Damaged safetensors files are read or refused with an error of one line, never worse.
///
/// `RECAP_MUTANTS` sets how many there are, `RECAP_SEED` which ones.
@Suite struct MutatedSafetensorsTests {
  /// Bytes flipped, overwritten with lengths that should not be, removed, doubled, cut short.
  @Test func bytes() throws {
    var random = SplitMix(state: mutationSeed)
    let whole = [UInt8](try contents(fileFixture("everything.safetensors")))
    let lengths: [UInt64] = [
      0, 1, 0xFF, 0x7FFF_FFFF, 0xFFFF_FFFF, 1 << 32, 1 << 40, .max >> 1, 1 << 63, .max,
    ]
    var refused = 0
    let count = mutantCount(600)
    for _ in 0..<count {
      var damaged = whole
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let position = Int.random(in: 0..<damaged.count, using: &random)
        let end = min(damaged.count, position + Int.random(in: 1...16, using: &random))
        switch Int.random(in: 0..<6, using: &random) {
        case 0, 1: damaged[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2: damaged.removeLast(Int.random(in: 1..<damaged.count - 8, using: &random))
        case 3: damaged.removeSubrange(position..<end)
        case 4: damaged.insert(contentsOf: damaged[position..<end], at: position)
        default:
          let length = lengths.randomElement(using: &random)!
          let start = Bool.random(using: &random) ? 0 : min(position, damaged.count - 8)
          withUnsafeBytes(of: length.littleEndian) {
            damaged.replaceSubrange(start..<start + 8, with: $0)
          }
        }
        if damaged.count < 32 { break }
      }
      refused += try isRefused(damaged) ? 1 : 0
    }
    #expect(refused > count / 2)
  }

  /// Each number of the header, the shapes and offsets, in turn set to one that it should not be.
  @Test func numbers() throws {
    let whole = [UInt8](try contents(fileFixture("everything.safetensors")))
    let length = (0..<8).reduce(0) { $0 | Int(whole[$1]) << (8 * $1) }
    let header = String(decoding: whole[8..<8 + length], as: UTF8.self)
    let forged = [
      "-1", "0", "9", "4294967296", "4611686018427387904", "9223372036854775807",
      "18446744073709551615", "99999999999999999999", "1e308", "0.5", "NaN", "[3]", "\"3\"", "null",
    ]
    var tried = 0, refused = 0
    for match in header.matches(of: /\b[0-9]+\b/.wordBoundaryKind(.simple)) {
      for number in forged {
        let text = Array(header.replacingCharacters(in: match.range, with: number).utf8)
        let size = withUnsafeBytes(of: UInt64(text.count).littleEndian, Array.init)
        tried += 1
        refused += try isRefused(size + text + whole[(8 + length)...]) ? 1 : 0
      }
    }
    #expect(tried > 500 && refused > tried / 2)
  }

  private func isRefused(_ bytes: [UInt8]) throws -> Bool {
    try withTemporaryFolder { folder in
      let path = folder + "/mutant.safetensors"
      try write(Data(bytes), path)
      var isRefused = false
      do {
        for (_, tensor) in try Safetensors.load(path) { _ = tensor.bytes }
        _ = try Safetensors.metadata(path)
      } catch {
        isRefused = true
        #expect(error is FileError && !"\(error)".contains("\n"), "\(error)")
      }
      return isRefused
    }
  }
}
