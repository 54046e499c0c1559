import Configuration
import CommandLine
import Cryptography
import Domain
import Glibc
import Store

/// `pulih keys rotate|show|forget`.
enum KeysCommands {
    static let rotate = Command(
        "keys rotate", operands: "[seal|link|captcha|form|token]", count: 0...1,
        summary: "Make new keys while the service runs; what the old ones made stays good for its life",
        options: [
            Commands.config,
            .init(
                "lead", "TIME",
                "how long from now new keys, but for seal, begin to sign (default 10 min; token 70 min)"),
        ]
    ) { invocation in
        let purpose = try invocation.operands.first.map(Purpose.init(named:))
        let lead = try lead(invocation)
        return try invocation.withDatabase { database, configuration in
            let folder = try KeyFolder(configuration.keysDirectory, changing: true)
            let tells = KeyReporter(zone: configuration.timeZone)
            let chosen = purpose.map { [$0] } ?? KeyRing.Name.allCases.map(Purpose.ring) + [.token]
            // The seal key may ask for a second run, so it comes last.
            for case .ring(let name) in chosen where name != .seal {
                try rotateSigning(name, lead ?? .minutes(10), folder, database, tells)
            }
            if chosen.contains(.token) {
                try TokenKeyRotation(folder: folder, database: database, tells: tells).rotate(lead: lead)
            }
            return chosen.contains(.ring(.seal)) ? try rotateSeal(folder, database, tells) : 0
        }
    }

    static let show = Command(
        "keys show", summary: "Show the keys by id and age, never the keys", options: [Commands.config, Commands.json]
    ) { invocation in
        try invocation.withDatabase { database, configuration in
            let folder = try KeyFolder(configuration.keysDirectory, changing: false)
            let records = try KeyRecord.all(folder, secrets: try SealRotation.count(in: database), at: clock.now())
            if invocation.has("json") {
                try Console.json(records)
            } else {
                Console.line(
                    KeyRecord.table(records, LocalTimeFormatter(language: .english, zone: configuration.timeZone)))
            }
            return 0
        }
    }

    static let forget = Command(
        "keys forget", operands: "[seal|token]", count: 0...1,
        summary:
            "Delete replaced keys: of seal (default) those for backups, of token those that still vouch for tokens",
        options: [Commands.config]
    ) { invocation in
        let purpose = try invocation.operands.first.map(Purpose.init(named:)) ?? .ring(.seal)
        guard purpose == .ring(.seal) || purpose == .token else {
            throw UsageError("keys forget takes seal or token: other keys leave by themselves")
        }
        return try invocation.withDatabase { database, configuration in
            let folder = try KeyFolder(configuration.keysDirectory, changing: true)
            guard purpose != .token else {
                let tells = KeyReporter(zone: configuration.timeZone)
                try TokenKeyRotation(folder: folder, database: database, tells: tells).forget()
                return 0
            }
            let retired = try folder.retired()
            guard !retired.isEmpty else {
                Console.line("There is no retired key.")
                return 0
            }
            let ids = retired.map(\.id).joined(separator: ", ")
            try audit("seal", "forgot \(ids)", database)
            folder.forgetRetired()
            Console.line("Forgotten: \(ids). Backups from before they were retired can no longer be used.")
            return 0
        }
    }

    /// Every running process has looked at the files again within it.
    private static let shortestLead = TimeSpan.seconds(10)
    /// Longer than anything that is signed is good for.
    private static let longestLife = TimeSpan.hours(24)
    private static let clock = SystemClock()

    /// What can be rotated.
    private enum Purpose: Equatable {
        case ring(KeyRing.Name)
        case token

        init(named word: String) throws {
            if word == "token" {
                self = .token
            } else if let name = KeyRing.Name(rawValue: word) {
                self = .ring(name)
            } else {
                throw UsageError("\(word) is no key: name seal, link, captcha, form or token")
            }
        }
    }

    private static func lead(_ invocation: Invocation) throws -> TimeSpan? {
        guard let text = invocation["lead"] else { return nil }
        guard let lead = TimeSpanText.parse(text), lead >= shortestLead, lead <= .hours(24) else {
            throw UsageError("--lead takes a time from 10 s to 24 h, such as \"10 min\"")
        }
        return lead
    }

    private static func rotateSigning(
        _ name: KeyRing.Name, _ lead: TimeSpan, _ folder: KeyFolder, _ database: Database, _ tells: KeyReporter
    ) throws {
        let (file, now) = (try folder.file(name), clock.now())
        if let from = file.newest.from, from > now {
            Console.line("\(name.rawValue): \(file.newest.id) is there already and signs from \(tells.time(from)).")
            return tells.restarts(KeyFolder.unitsWithout(file.newest, name), "before then")
        }
        let entry = KeyFile.entry(name, from: now + lead, random: SystemRandom())
        // What a key made before its successor began is good for its life and no longer.
        let needed = file.entries.indices.filter { index in
            index + 1 == file.entries.count || (file.entries[index + 1].from ?? now) + longestLife > now
        }
        // Told before it is done: an event too many is found by its id, one too few by nobody.
        try audit(name.rawValue, "\(entry.id) signs from \(tells.time(now + lead))", database)
        try folder.write(KeyFile(needed.map { file.entries[$0] } + [entry]), name)
        Console.line(
            "\(name.rawValue): \(entry.id) signs from \(tells.time(now + lead)); what \(file.newest.id) made stays good."
        )
        tells.restarts(KeyFolder.unitsWithout(entry, name), "before then")
    }

    private static func rotateSeal(_ folder: KeyFolder, _ database: Database, _ tells: KeyReporter) throws -> Int32 {
        var file = try folder.file(.seal)
        // More than one key: a rotation was begun and not finished.
        if file.entries.count == 1 {
            let entry = KeyFile.entry(.seal, from: clock.now(), random: SystemRandom())
            try audit("seal", "\(entry.id) seals from now on", database)
            file = KeyFile(file.entries + [entry])
            try folder.write(file, .seal)
        }
        let unaware = KeyFolder.unitsWithout(file.newest, .seal)
        guard unaware.isEmpty else {
            throw CommandError(
                "The new key \(file.newest.id) is made, and no secret is sealed with it yet: these units were started "
                    + "before it. Run: systemctl restart \(unaware.joined(separator: " ")); then run this again.")
        }
        let rotation = SealRotation(database: database, keys: file, random: SystemRandom())
        var result = try rotation.run()
        // Until each process has looked at the file again it may seal a new secret with the old key.
        tells.waitUntilKnown(file.newest, from: clock.now())
        var again = try rotation.run()
        while again.overtaken > 0 { again = try rotation.run() }
        result.resealed += again.resealed
        Console.line("seal: \(file.newest.id) seals every secret; sealed anew: \(result.resealed).")
        guard again.unreadable.isEmpty else {
            let some = again.unreadable.prefix(10).map { "\($0)" }.joined(separator: ", ")
            throw CommandError(
                "\(again.unreadable.count) secrets open with no key that is here and were left as they are; no key was "
                    + "retired. Restore the missing key, or reset these accounts.", detail: "accounts: \(some)")
        }
        let old = file.entries.dropLast().map(\.id).joined(separator: ", ")
        try audit("seal", "\(old) retired, secrets sealed anew: \(result.resealed)", database)
        try folder.retireAllButNewest(file)
        Console.line(
            "seal: \(old) is retired to seal.retired, for backups from before; `pulih keys forget` deletes it.")
        return 0
    }

    static func audit(_ key: String, _ detail: String, _ database: Database) throws {
        let event = AuditEvent(
            name: .keyRotated, at: database.clock.now(), actor: "operator:\(ProcessName.user)", subject: key,
            address: nil,
            detail: detail)
        try database.write { try $0.append(event) }
    }
}
