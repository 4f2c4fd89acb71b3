import Foundation
import Testing

import Tracking

@Suite struct WandbTests {
  @Test func recordsLieInBlocksAsAnIndependentWriterPutsThem() throws {
    struct Expected: Decodable {
      var lengths: [Int], chunks: [[Int]], size: Int, crc: UInt32
    }
    let data = try Data(
      contentsOf: URL(fileURLWithPath: Scratch.fixture("wandb-chunks.json")))
    let expected = try JSONDecoder().decode(Expected.self, from: data)
    var log = WandbLog()
    var bytes = log.header()
    for (number, length) in expected.lengths.enumerated() {
      bytes += log.chunks(of: (0..<length).map { UInt8((31 * $0 + number) & 255) })
    }
    #expect(bytes.count == expected.size)
    for chunk in expected.chunks {
      let (offset, checksum, length, type) = (chunk[0], chunk[1], chunk[2], chunk[3])
      let own = (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
      #expect(own == checksum, "at \(offset)")
      #expect(Int(bytes[offset + 4]) | Int(bytes[offset + 5]) << 8 == length, "at \(offset)")
      #expect(Int(bytes[offset + 6]) == type, "at \(offset)")
    }
    var crc = UInt32.max
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 0 ? crc >> 1 : 0xEDB8_8320 ^ crc >> 1 }
    }
    #expect(~crc == expected.crc)
  }

  /// The first record of a run that the client 0.31.0 wrote.
  @Test func aShortRecordIsOneChunk() {
    let hex =
      "0801c20c0a0a0873797a6267743875aa013b0a390a2f302e33312e302b3135663863626335383164"
      + "31633563666336653331663638623438626464313363656332646432631206302e37302e30"
    let digits = Array(hex)
    let record = stride(from: 0, to: digits.count, by: 2).map {
      UInt8(String(digits[$0...$0 + 1]), radix: 16)!
    }
    var log = WandbLog()
    #expect(log.header() == [0x3A, 0x57, 0x26, 0x42, 0xE1, 0xBE, 0x00])
    #expect(log.chunks(of: record) == [0xB0, 0x14, 0x26, 0xED, 0x4D, 0x00, 0x01] + record)
  }

  struct Configuration: Encodable {
    struct Nested: Encodable {
      var list = [1, 2.5]
      var on = true
    }
    var learningRate = 1e-4
    var name = "x/y \"z\""
    var nested = Nested()
    enum CodingKeys: String, CodingKey { case learningRate = "learning_rate", name, nested, none }
    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(learningRate, forKey: .learningRate)
      try container.encode(name, forKey: .name)
      try container.encode(nested, forKey: .nested)
      try container.encodeNil(forKey: .none)
    }
  }

  /// A run of 102 seconds with 101 records, the last of more than 70 kB.
  func writeRun(in folder: String) throws -> WandbOfflineRun {
    final class Clock: @unchecked Sendable { var time = 1_790_000_000.0 }
    let clock = Clock()
    let run = try WandbOfflineRun(
      folder: folder, project: "recap", name: "a run",
      notes: "three \"lines\"\nof notes\u{2028}é", configuration: Configuration(),
      runID: "abcd1234", clock: { clock.time })
    for index in 0..<101 {
      clock.time += 1
      var values: [(name: String, value: Double)] = []
      if index < 100 { values.append(("train/demo_loss", 1 / Double(index + 1))) }
      if index == 50 {
        values += [("nan", .nan), ("up", .infinity), ("down", -.infinity)]
      }
      if index == 100 { values += (0..<3000).map { ("metric number \($0)", Double($0) / 7) } }
      try run.log(
        MetricRecord(stage: "demonstrations", globalStep: 2 * index, values: values))
    }
    clock.time += 1
    try run.finish(exitCode: 3)
    return run
  }

  @Test func theFolderIsLaidOutAsTheClientDoes() throws {
    let scratch = Scratch()
    let run = try writeRun(in: scratch.path)
    let link = scratch.path + "/wandb/latest-run"
    let target = try FileManager.default.destinationOfSymbolicLink(atPath: link)
    #expect(run.folder == scratch.path + "/wandb/" + target)
    #expect(target.hasPrefix("offline-run-2026") && target.hasSuffix("-abcd1234"))
    let size =
      try FileManager.default.attributesOfItem(atPath: run.folder + "/run-abcd1234.wandb")[.size]
      as? Int
    #expect((size ?? 0) > 100_000)
    #expect(throws: (any Error).self) {
      try WandbOfflineRun(folder: "/dev/null", project: "p", configuration: ["a": 1])
    }
    #expect(throws: TrackingError.self) {
      try WandbOfflineRun(folder: scratch.path, project: "p", configuration: [1])
    }
  }

  /// Every record, read with W&B's own message definitions.
  @Test(
    .enabled(
      if: ProcessInfo.processInfo.environment["RECAP_PYTHON"] != nil,
      "set RECAP_PYTHON to a Python that has the package wandb"))
  func theClientsOwnMessagesReadIt() throws {
    let scratch = Scratch()
    let run = try writeRun(in: scratch.path)
    let process = Process()
    process.executableURL = URL(
      fileURLWithPath: ProcessInfo.processInfo.environment["RECAP_PYTHON"]!)
    process.arguments = [Scratch.fixture("check_wandb.py"), run.folder]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(text == "111 records\n")
  }
}
