import Foundation
import LeRobot
import Mutations
import Testing

/// Damaged videos whose frames are sought or copied are read or refused; `RECAP_MUTANTS` says how
/// many there are, `RECAP_SEED` which.
@Suite struct MutatedVideoTests {
  static let count =
    mutantCount(600) / 6

  @Test func framesAndPackets() throws {
    try withFolder { folder in
      let names = Videos.names.filter { !$0.hasSuffix(".ts") }
      let originals = try names.map {
        [UInt8](try Data(contentsOf: URL(filePath: Videos.path($0))))
      }
      var mutation = Mutation(
        seed: mutationSeed)
      var refused = 0
      for number in 0..<Self.count {
        let path = "\(folder)/\(number)"
        try Data(mutation.mutant(of: originals[number % originals.count]))
          .write(to: URL(filePath: path))
        do {
          let decoder = try VideoDecoder(path: path)
          if decoder.frameBytes <= 1 << 20 {
            for frame in [9, 2, 5, 30, 0] {
              do { _ = try decoder.read(frames: [frame]) } catch { refused += 1 }
            }
          }
          _ = try VideoCopy.concatenate([path, path], to: "\(path).mp4")
        } catch let error as DatasetError {
          #expect(!error.description.contains("\n"))
        } catch is VideoCopy.Refusal {}
        for file in files(in: folder) {
          #expect(!file.hasSuffix(".partial"))
          try FileManager.default.removeItem(atPath: "\(folder)/\(file)")
        }
      }
      #expect(refused > Self.count / 4)
    }
  }
}
