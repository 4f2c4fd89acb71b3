internal import ArgumentParser

/// Refuses a number of the command line that is out of a range; nil was not given.
func check<Number: Comparable>(
  _ option: String, _ value: Number?, from least: Number, upTo most: Number
) throws {
  guard let value, !(least...most).contains(value) else { return }
  func shown(_ number: Number) -> String {
    let text = "\(number)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
  throw ValidationError(
    "--\(option) is \(shown(value)); wanted \(shown(least)) "
      + (value > most ? "to \(shown(most))" : "or more"))
}

/// The most episodes that are run at a time.
let mostEpisodes = 1_000_000

/// The greatest seed: what JSON and other programs keep as a whole number.
let greatestSeed = 1 << 53 - 1
