internal import Yams

// Merge keys (`<<: *name`), as YAML 1.1 has them and PyYAML reads them. Of several in a list the earlier goes before
// the later; PyYAML 6.0.4 alone has it the other way round for keys of two letters and more.

extension Node.Mapping {
  private static let mergeKey = "<<"

  /// Its keys and values, after those of the mappings that it merges and that it does not have itself; an earlier
  /// one of several goes before a later. Nil where something else is to be merged.
  var merged: [(key: Node, value: Node)]? {
    let own = filter { $0.key.string != Self.mergeKey }.map { (key: $0.key, value: $0.value) }
    var inherited: [(key: Node, value: Node)] = []
    for (key, value) in self where key.string == Self.mergeKey {
      let sources = value.sequence.map(Array.init) ?? [value]
      for source in sources {
        guard let keys = source.mapping?.merged else { return nil }
        inherited += keys.filter { candidate in
          !inherited.contains { $0.key.string == candidate.key.string }
        }
      }
    }
    return inherited.filter { candidate in
      !own.contains { $0.key.string == candidate.key.string }
    } + own
  }

  /// Sections that are there for others to merge: all of whose keys some section takes over.
  var holders: Set<String> {
    let taken = flatMap { section in
      section.value.mapping?.filter { $0.key.string == Self.mergeKey }.flatMap { merge in
        merge.value.sequence.map(Array.init) ?? [merge.value]
      } ?? []
    }
    return Set(
      compactMap { section in
        taken.contains(section.value) ? section.key.string : nil
      })
  }
}
