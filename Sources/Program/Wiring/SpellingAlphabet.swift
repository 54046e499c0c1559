import Domain

/// Names letters and digits so that they are told apart by ear. The bare names rhyme (C, E, P and three in English; A, H
/// and K in Indonesian), so each letter comes with a word that begins with it, and digits say that they are numbers.
enum SpellingAlphabet {
    /// What to speak for a code, one sentence a letter so that there is a pause after each; nil when a letter is unknown.
    static func text(_ letters: String, language: Language) -> String? {
        let names = letters.compactMap { name($0, language) }
        return names.count == letters.count && !names.isEmpty ? names.joined(separator: " ") : nil
    }

    private static func name(_ letter: Character, _ language: Language) -> String? {
        if ("0"..."9").contains(letter) {
            return switch language {
            case .indonesian: "angka \(letter)."
            case .english: "number \(letter)."
            }
        }
        guard let word = words(language)[letter] else { return nil }
        return switch language {
        case .indonesian: "\(letter), seperti \(word)."
        case .english: "\(letter), as in \(word)."
        }
    }

    private static func words(_ language: Language) -> [Character: String] {
        switch language {
        case .indonesian: indonesian
        case .english: english
        }
    }

    private static let indonesian: [Character: String] = [
        "A": "Ambon", "B": "Bandung", "C": "Cirebon", "D": "Demak", "E": "Ende", "F": "Flores", "G": "Garut",
        "H": "Hutan", "I": "Irian", "J": "Jambi", "K": "Kudus", "L": "Lombok", "M": "Medan", "N": "Nias",
        "O": "Ombak", "P": "Palu", "Q": "Quran", "R": "Riau", "S": "Solo", "T": "Timor", "U": "Ubud", "V": "Vanili",
        "W": "Wayang", "X": "Sinar X", "Y": "Yogya", "Z": "Zamrud",
    ]

    /// The spelling alphabet of aviation.
    private static let english: [Character: String] = [
        "A": "Alpha", "B": "Bravo", "C": "Charlie", "D": "Delta", "E": "Echo", "F": "Foxtrot", "G": "Golf",
        "H": "Hotel", "I": "India", "J": "Juliet", "K": "Kilo", "L": "Lima", "M": "Mike", "N": "November",
        "O": "Oscar", "P": "Papa", "Q": "Quebec", "R": "Romeo", "S": "Sierra", "T": "Tango", "U": "Uniform",
        "V": "Victor", "W": "Whiskey", "X": "X-ray", "Y": "Yankee", "Z": "Zulu",
    ]
}
