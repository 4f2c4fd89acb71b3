import Platform

/// Lists of texts, of which equal ones share their storage: the tasks of a million episodes are few.
struct SharedTexts {
  private var lists: [[ByteName]: [String]] = [:]

  /// The list, or the one like it that came before.
  mutating func shared(_ list: [String]) -> [String] {
    let names = list.map { ByteName($0) }
    if let known = lists[names] { return known }
    lists[names] = list
    return list
  }
}
