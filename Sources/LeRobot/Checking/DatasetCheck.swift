import Foundation
import Platform
import Synchronization

/// Reads the whole of a dataset and collects what is wrong with it.
public struct DatasetCheck: Sendable {
  /// What is wrong, by file; each line names the file and, where there is one, the row or frame.
  public private(set) var problems: [DatasetError] = []
  /// What had to be assumed, and files that nothing refers to: no reason to refuse the dataset.
  public private(set) var notes: [String] = []
  /// Frames read: rows and pictures.
  public private(set) var frames = 0

  /// Checks a dataset; a check that a signal interrupts ends early, and what it found means nothing.
  ///
  /// - Parameters:
  ///   - folder: the dataset's.
  ///   - isDecoding: whether pictures and videos are decoded; where they are not, videos are looked at for
  ///     their times alone.
  ///   - progress: called with the rows and pictures read so far, and how many there are; from
  ///     several threads, one at a time.
  public init(
    folder: String, isDecoding: Bool = true,
    progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) {
    let dataset: Dataset
    do {
      dataset = try Dataset(folder: folder)
    } catch {
      problems = [error as? DatasetError ?? DatasetError(folder, "\(error)")]
      problems += DatasetCheck.otherLines(folder, besides: problems[0])
      return
    }
    let videos = dataset.cameras.filter { dataset.info.features[$0]!.dtype == "video" }
    let decoded = isDecoding ? videos.count : 0
    let findings = Findings(total: dataset.frameCount * (1 + decoded), progress: progress)
    MetadataCheck(dataset: dataset, findings: findings).run()
    var rows = RowCheck(dataset: dataset, findings: findings, isDecoding: isDecoding)
    rows.run()
    VideoCheck(dataset: dataset, cameras: videos, findings: findings, isDecoding: isDecoding).run()
    (problems, frames) = findings.result()
    notes = dataset.warnings + findings.notes()
  }

  /// Every line of the metadata that is no JSON, when one of them has stopped the reading.
  private static func otherLines(_ folder: String, besides first: DatasetError) -> [DatasetError] {
    ["episodes", "tasks", "episodes_stats"].flatMap { name -> [DatasetError] in
      let path = "\(folder)/meta/\(name).jsonl"
      guard let bytes = try? readBytes(path) else { return [] }
      return bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        .enumerated().compactMap { number, line in
          if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { return nil }
          do {
            _ = try JSON(line, file: path, line: number + 1)
            return nil
          } catch {
            return error as? DatasetError
          }
        }
    }.filter { $0 != first }
  }
}

/// What the parts of a check find, from any thread.
final class Findings: Sendable {
  private struct State {
    var problems: [DatasetError] = []
    var notes: [String] = []
    var noted = Set<ByteName>()
    var done = 0
  }
  private let state = Mutex(State())
  private let total: Int
  private let progress: @Sendable (Int, Int) -> Void

  init(total: Int, progress: @escaping @Sendable (Int, Int) -> Void) {
    self.total = total
    self.progress = progress
  }

  func add(_ file: String, _ problem: String) {
    state.withLock { $0.problems.append(DatasetError(file, problem)) }
  }

  /// Notes something, once.
  func note(_ text: String) {
    state.withLock { if $0.noted.insert(text).inserted { $0.notes.append(text) } }
  }

  /// Runs `body`; what it throws is a problem.
  func collect(_ body: () throws -> Void) {
    do {
      try body()
    } catch let error as DatasetError {
      state.withLock { $0.problems.append(error) }
    } catch {
      add("", "\(error)")
    }
  }

  func advance(_ frames: Int) {
    state.withLock {
      $0.done += frames
      progress($0.done, total)
    }
  }

  func notes() -> [String] { state.withLock { $0.notes } }

  /// The problems, each once, in order of their files, and the frames read.
  func result() -> ([DatasetError], Int) {
    state.withLock { state in
      var seen = Set<ByteName>()
      let each = state.problems.filter { seen.insert($0.description).inserted }
      return (each.sorted { $0.file < $1.file }, state.done)
    }
  }
}

/// What is wrong with many files alike, such as a column's type: reported once, with the first file.
struct RepeatedFindings {
  private var places: [(file: String, text: String, isProblem: Bool, files: Set<ByteName>)] = []
  private var known: NameDictionary<Int> = [:]

  mutating func add(_ file: String, _ text: String, isProblem: Bool) {
    if let place = known[text] {
      places[place].files.insert(file)
    } else {
      known[text] = places.count
      places.append((file, text, isProblem, [ByteName(file)]))
    }
  }

  func report(to findings: Findings) {
    for (file, text, isProblem, files) in places {
      let others = files.count - 1
      let more = others == 0 ? "" : " (and \(others) other file\(others == 1 ? "" : "s"))"
      if isProblem {
        findings.add(file, text + more)
      } else {
        findings.note("\(file): \(text)\(more)")
      }
    }
  }
}
