/// The times of an episode's persistent messages where its rows get other times.
struct LanguageTimes {
  /// Of the rows, in seconds from the episode's start.
  let old: [Double]
  let new: [Double]

  /// The new time of a message: that of its frame; in between two frames as far in between; before the first
  /// and after the last as far away. So a message is active in the frames that it was active in.
  func moved(_ time: Double) -> Double {
    guard let last = old.last, time.isFinite else { return time }
    var (next, end) = (0, old.count)
    while next < end {
      let middle = (next + end) / 2
      if old[middle] < time { next = middle + 1 } else { end = middle }
    }
    if next == old.count { return new[next - 1] + time - last }
    if old[next] == time { return new[next] }
    if next == 0 { return new[0] + time - old[0] }
    let share = (time - old[next - 1]) / (old[next] - old[next - 1])
    return new[next - 1] + share * (new[next] - new[next - 1])
  }

  /// Gives the persistent messages of some rows their new times.
  ///
  /// - Throws: `DatasetError` with this path where their times are no numbers.
  func apply(to rows: ParquetRows, path: String) throws {
    let name = LanguageColumn.persistent.rawValue
    for (other, column) in rows.named where other == name {
      // Lists without a message have no times, nor have another tool's messages.
      guard case .list(.structure(let members, _), _) = column.type, members["timestamp"] != nil
      else { return }
      do {
        try rows.set(name, member: "timestamp", column.memberNumbers("timestamp").map(moved))
      } catch let problem as ColumnProblem {
        throw DatasetError(path, "column '\(name)' \(problem.text)")
      }
    }
  }
}
