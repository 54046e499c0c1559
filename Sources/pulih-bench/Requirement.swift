import Benchmarks

/// Something that lines need and this machine lacks.
struct Requirement {
    let need: Line.Need
    /// What is missing and what cures it.
    let sentence: String

    /// Those of `needs` that are not there, each once.
    static func missing(_ needs: [Line.Need], _ folder: WorkFolder) -> [Requirement] {
        Line.Need.allCases.filter { needs.contains($0) && !isThere($0, folder) }.map {
            Requirement(need: $0, sentence: cure($0))
        }
    }

    private static func isThere(_ need: Line.Need, _ folder: WorkFolder) -> Bool {
        switch need {
        case .program: (try? Tools.sibling("pulih")) != nil
        case .sink: Tools.path("smtp-sink") != nil
        case .postgreSQL: PostgreSQLProcess.programs != nil
        case .python:
            Tools.path("python3").map { Tools.output([$0, "-c", "import ensurepip, venv; print(1)"], folder) == "1" }
                ?? false
        }
    }

    private static func cure(_ need: Line.Need) -> String {
        switch need {
        case .program: "pulih is missing beside this program. It is built by: swift build -c release"
        case .sink:
            "smtp-sink is missing, the relay that takes every mail. It comes with: "
                + "apt-get install -y --no-install-recommends postfix"
        case .postgreSQL:
            "PostgreSQL 15 or later is missing. It comes with: apt-get install -y --no-install-recommends postgresql-15"
        case .python:
            "A Python that makes virtual environments is missing. It comes with: "
                + "apt-get install -y --no-install-recommends python3-venv"
        }
    }
}
