// gradmatch, the command line. Each group of commands is a file of its own.

#include "tools/gradmatch/command_line.h"
#include "tools/gradmatch/commands.h"

int main(int argc, char** argv) {
  gradmatch::GlobalOptions options;
  gradmatch::CommandLine line(
      "gradmatch",
      "Matches job postings to graduates and decides who is told about what.\n"
      "Begin with: gradmatch demo");
  line.Version("gradmatch " GRADMATCH_VERSION);
  line.Global()
      .Option("--endpoint", &options.endpoint, "Server to talk to, HOST:PORT")
      .Env("GRADMATCH_ENDPOINT")
      .Option("--output", &options.output, "How answers are printed")
      .OneOf({"table", "json", "jsonl"})
      .Option("--timeout", &options.timeout_seconds, "Seconds for one call")
      .Range(1, 86'400)
      .Option("--token-file", &options.token_file,
              "File with the token to show to the server")
      .Env("GRADMATCH_TOKEN_FILE")
      .Flag("--quiet", &options.quiet, "No progress and no summary");
  gradmatch::AddDemoCommand(line, options);
  gradmatch::AddServerCommands(line, options);
  gradmatch::AddCheckCommand(line, options);
  gradmatch::AddCodeCommands(line, options);
  gradmatch::AddSourceCommands(line, options);
  gradmatch::AddPostingCommands(line, options);
  gradmatch::AddGraduateCommands(line, options);
  gradmatch::AddContentCommands(line, options);
  gradmatch::AddImportCommands(line, options);
  gradmatch::AddMatchCommands(line, options);
  gradmatch::AddIndexCommands(line, options);
  gradmatch::AddPushCommands(line, options);
  gradmatch::AddFeedbackCommands(line, options);
  gradmatch::AddStaffCommands(line, options);
  gradmatch::AddAuditCommands(line, options);
  gradmatch::AddTokenCommands(line, options);
  gradmatch::AddSealKeyCommands(line, options);
  gradmatch::AddSampleCommands(line, options);
  gradmatch::AddPageCommands(line, options);
  line.Before([&options] {
    const absl::Status loaded = gradmatch::LoadToken(options);
    return loaded.ok() ? gradmatch::kExitOk : gradmatch::FailToStart(loaded);
  });
  return line.Run(argc, argv);
}
