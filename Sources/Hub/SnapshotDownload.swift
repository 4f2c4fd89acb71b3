import Foundation
import Platform
import Synchronization

/// Brings the chosen files of one commit into the cache, a few at once.
///
/// Threads do it, since they wait on sockets and disks; the first error ends them all. What came stays,
/// so that the next attempt goes on from there.
struct SnapshotDownload {
  let settings: HubSettings
  let repository: CacheRepository
  let name: String
  let kind: Hub.Kind
  let commit: String
  let files: [(name: String, listed: Listing.File)]

  private struct State {
    var progress: HubProgress
    var next = 0
    var running = 0
    var error: (any Error)?
    var reported = ContinuousClock.now - .seconds(1)
  }

  /// Downloads what is not there yet.
  ///
  /// - Throws: ``HubError`` that names the file; ``HTTPFailure`` is turned into one.
  func run(report: @escaping @Sendable (HubProgress) -> Void) throws {
    let sizes = files.map(\.listed.byteCount)
    let total = sizes.contains(nil) ? nil : sizes.reduce(0) { $0 + $1! }
    if let total { try checkRoom(for: total) }
    let work = Work(
      state: State(
        progress: HubProgress(name: name, filesTotal: files.count, bytesTotal: total)),
      report: report)
    let workers = min(settings.connections, files.count)
    if workers > 0 {
      work.state.withLock { $0.running = workers }
      let started = try startThreads(workers, named: "download") { _ in self.fetchAll(work) }
      work.state.withLock { $0.running -= workers - started }
    }
    work.condition.lock()
    while work.state.withLock({ $0.running > 0 }) { work.condition.wait() }
    work.condition.unlock()
    work.update { $0.isLast = true }
    try Interruption.check()
    if let error = work.state.withLock({ $0.error }) { throw error }
  }

  private final class Work: Sendable {
    let state: Mutex<State>
    let condition = NSCondition()
    let report: @Sendable (HubProgress) -> Void

    init(state: State, report: @escaping @Sendable (HubProgress) -> Void) {
      self.state = Mutex(state)
      self.report = report
    }

    var isStopped: Bool { Interruption.isAsked || state.withLock { $0.error != nil } }

    /// Changes what is done and reports it, at most ten times a second.
    func update(_ change: (inout HubProgress) -> Void) {
      state.withLock { state in
        change(&state.progress)
        guard
          state.progress.isLast || ContinuousClock.now - state.reported >= .milliseconds(100)
        else { return }
        state.reported = .now
        report(state.progress)
      }
    }
  }

  private func fetchAll(_ work: Work) {
    let server = HubServer(
      settings: settings, client: HTTPClient(settings), name: name, kind: kind)
    let download = BlobDownload(
      server: server, repository: repository, commit: commit,
      advance: { count in work.update { $0.bytesDone += count } },
      isStopped: { work.isStopped })
    while true {
      let index = work.state.withLock { state in
        defer { state.next += 1 }
        return state.next
      }
      guard index < files.count, !work.isStopped else { break }
      do {
        try download.run(files[index].name, files[index].listed)
        work.update { $0.filesDone += 1 }
      } catch is BlobDownload.Stopped {
        break
      } catch is Interrupted {
        break
      } catch {
        let error = Hub.explain(
          error, name: name, kind: kind, file: files[index].name, settings: settings)
        work.state.withLock { if $0.error == nil { $0.error = error } }
      }
    }
    work.condition.lock()
    work.state.withLock { $0.running -= 1 }
    work.condition.broadcast()
    work.condition.unlock()
  }

  /// Refuses to begin what cannot end.
  private func checkRoom(for total: Int) throws {
    var here = 0
    for file in files {
      guard let tag = file.listed.tag, Hub.isPathComponent(tag) else { continue }
      let blob = "\(repository.path)/blobs/\(tag)"
      here += Listing.byteCountOfFile(blob) ?? Listing.byteCountOfFile(blob + ".incomplete") ?? 0
    }
    var place = URL(fileURLWithPath: repository.path)
    while Hub.existence(place.path) == .nothing, place.path != "/" {
      place.deleteLastPathComponent()
    }
    var status = statvfs()
    guard statvfs(place.path, &status) == 0, status.f_blocks > 0 else { return }
    let room = Int(clamping: UInt64(status.f_bavail) &* UInt64(status.f_frsize))
    guard total - here <= room else {
      throw HubError(
        "\(name): \((total - here) / 1_000_000) MB are to be downloaded into \(repository.root), "
          + "which has room for \(room / 1_000_000) MB. Free some, or set HF_HOME to a larger disk."
      )
    }
  }
}
