import Foundation
import Mutations
import Platform
import Testing
import Torch

/// Files that are damaged, cut short or malicious give an error, and nothing worse.
@Suite struct HostileFileTests {
  @Test(arguments: ["evil.pt", "evil_legacy.pt"])
  func refusesToRunCode(_ name: String) {
    let fault = fileFault { _ = try CheckpointFile.load(fileFixture(name)) }
    #expect(fault.hasPrefix(fileFixture(name)))
    #expect(fault.contains("posix.system") && fault.contains("refuses to run code"))
    #expect(!FileManager.default.fileExists(atPath: "evil-was-here"))
  }

  @Test(
    arguments: [
      "everything.pt", "everything_legacy.pt", "compressed.pt", "adamw.pt",
      "everything.safetensors", "odd.pt", "odd_legacy.pt", "names.safetensors",
    ])
  func survivesDamage(_ name: String) throws {
    let whole = try contents(fileFixture(name))
    let expected = try describe(fileFixture(name))
    try withTemporaryFolder { folder in
      let path = folder + "/" + name
      var errors = 0
      for position in stride(from: 0, to: whole.count, by: 97) {
        try write(whole.prefix(position), path)
        _ = fileFault { _ = try describe(path) }
      }
      for position in stride(from: 0, to: whole.count, by: 11) {
        var damaged = whole
        damaged[position] ^= [0x01, 0x80, 0xFF][position % 3]
        try write(damaged, path)
        do {
          let read = try describe(path)
          // Only zip files of torch.save carry checksums.
          if name.hasSuffix(".pt"), !name.contains("legacy"), name != "compressed.pt" {
            #expect(read == expected, "byte \(position)")
          }
        } catch {
          #expect(error is FileError)
          errors += 1
        }
      }
      #expect(errors > 0)
    }
  }

  private func describe(_ path: String) throws -> String {
    if path.hasSuffix(".pt") { return text(try CheckpointFile.load(path)) }
    return try Safetensors.load(path).sorted { $0.key < $1.key }
      .map { "\($0.key) \(text(.tensor($0.value)))" }.joined(separator: "\n")
  }

  /// Random bytes and random pickles of valid opcodes.
  @Test func survivesNoise() throws {
    var random = SplitMix(state: 7)
    let opcodes =
      Array("(.012FGHIJKLMNPQRSTUVX]abcdeghijlopqrstu}\u{5}\n".utf8) + Array(0x80...0x97)
    try withTemporaryFolder { folder in
      for round in 0..<2_000 {
        let count = Int.random(in: 1...60, using: &random)
        let bytes = (0..<count).map { _ in
          round % 2 == 0
            ? opcodes.randomElement(using: &random)! : UInt8.random(in: 0...255, using: &random)
        }
        _ = try? read([0x80, 2] + bytes, folder)
      }
    }
  }

  @Test func refusesTowersAndBombs() {
    let open: [UInt8] = [0x80, 2]
    let end = Array(".".utf8)
    // A million nested tuples, a million lists each in the one before, a list that holds itself.
    #expect(
      fault(open + Array(")".utf8) + Array(repeating: 0x85, count: 1_000_000) + end)
        .contains("deep"))
    let tower = Array("]".utf8) + (0..<200_000).flatMap { _ in Array("]".utf8) }
    #expect(
      fault(open + tower + Array(repeating: UInt8(ascii: "a"), count: 200_000) + end)
        .contains("deep"))
    #expect(fault(open + Array("]q\0h\0a.".utf8)).contains("deep"))
    // Top down: list n+1 is appended to list n, which is in its parent already.
    let chain = (0..<100_000).flatMap { _ in Array("]q\0a0h\0".utf8) }
    #expect(
      fault(open + Array("]q\u{1}".utf8) + chain + Array("0h\u{1}.".utf8)).contains("deep"))
    // Each of 60 lists holds the one before twice.
    let doubling = (0..<60).flatMap { _ in Array("q\0]h\0ah\0a".utf8) }
    #expect(fault(open + Array("K\0".utf8) + doubling + end).contains("unfolds"))
    // Lengths beyond the file, and integers beyond 64 bits.
    #expect(fault(open + [0x8D] + Array(repeating: 0xFF, count: 8) + end).contains("truncated"))
    #expect(fault(open + [0x8B, 0xFF, 0xFF, 0xFF, 0x7F] + end).contains("truncated"))
    #expect(fault(open + [0x8A, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1] + end).contains("64 bits"))
    #expect(
      fault(open + [0x8A, 8] + Array("12345678".utf8) + Array("C\u{1}a.".utf8))
        .contains("bytes"))
    #expect(fault(open + Array("h\0.".utf8)).contains("reference to nothing"))
    #expect(fault(open + Array("(.".utf8)).contains("too few"))
    #expect(fault(open + Array("cbuiltins\neval\n.".utf8)).contains("builtins.eval"))
    #expect(fault(open + Array("c__main__\n\u{1B}[2J\n.".utf8)).contains("__main__.?[2J"))
    #expect(fault(open + Array("ccollections\nOrderedDict\n)\u{81}.".utf8)).contains("0xc2"))
  }

  @Test func refusesTensorsOutsideTheirStorage() {
    func tensor(_ offset: Int, _ shape: [Int], _ strides: [Int]) -> [UInt8] {
      func number(_ value: Int) -> [UInt8] {
        [0x8A, 8] + withUnsafeBytes(of: Int64(value).littleEndian, Array.init)
      }
      let storage = "ctorch._utils\n_rebuild_tensor_v2\n((X\u{7}\0\0\0storagectorch\nFloatStorage\n"
      let tuples = [shape, strides].flatMap {
        Array("(".utf8) + $0.flatMap(number) + Array("t".utf8)
      }
      return [0x80, 2] + Array((storage + "X\u{1}\0\0\00X\u{3}\0\0\0cpuK\u{4}tQ").utf8)
        + number(offset) + tuples + [0x89, UInt8(ascii: "}")] + Array("tR.".utf8)
    }
    #expect(fault(tensor(0, [5], [1])).contains("reaches element 4 of a storage with 4"))
    #expect(fault(tensor(1, [2, 2], [2, 1])).contains("reaches element 4"))
    #expect(fault(tensor(-1, [1], [1])).contains("negative"))
    #expect(fault(tensor(0, [2], [-1])).contains("negative"))
    #expect(fault(tensor(0, [2, 2], [1])).contains("2 sizes and 1 strides"))
    #expect(fault(tensor(0, [1 << 62, 4], [0, 0])).contains("more elements"))
    #expect(fault(tensor(0, [3], [1 << 62])).contains("more elements"))
    #expect(fault(tensor(.max, [2], [1])).contains("more elements"))
    // Within the pickle's bounds, but the file has no storage "0".
    #expect(fault(tensor(0, [2, 2], [2, 1])).contains("storage"))
  }

  @Test func namesWhatIsNotACheckpoint() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/model.pt"
      #expect(fileFault { _ = try CheckpointFile.load(path) }.contains("no such file"))
      try write(Data(), path)
      #expect(fileFault { _ = try CheckpointFile.load(path) }.contains("empty"))
      try write(Data("hello".utf8), path)
      #expect(fileFault { _ = try CheckpointFile.load(path) }.contains("torch.save"))
      try write(Data("version https://git-lfs.github.com/spec/v1\noid".utf8), path)
      #expect(fileFault { _ = try CheckpointFile.load(path) }.contains("git lfs pull"))
      #expect(fileFault { _ = try CheckpointFile.load(folder) }.contains("not a regular file"))
    }
  }

  /// The message for a pickle in the older container, which needs no zip around it.
  private func fault(_ pickle: [UInt8]) -> String {
    fileFault { _ = try withTemporaryFolder { try read(pickle, $0) } }
  }

  private func read(_ pickle: [UInt8], _ folder: String) throws -> PickleValue {
    let magic: [UInt8] = [
      0x80, 2, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
    ]
    let head = magic + [0x80, 2, 0x4D, 0xE9, 3, 0x2E] + [0x80, 2] + Array("}.".utf8)
    try write(Data(head + pickle + [0x80, 2] + Array("].".utf8)), folder + "/pickle.pt")
    return try CheckpointFile.load(folder + "/pickle.pt")
  }
}
