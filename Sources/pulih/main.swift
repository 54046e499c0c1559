import Glibc
import Program

exit(Program.run(Array(CommandLine.arguments.dropFirst())))
