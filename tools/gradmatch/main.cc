// gradmatch, the command line. Each group of commands is a file of its own.

#include "tools/gradmatch/command_line.h"
#include "tools/gradmatch/commands.h"
#include "tools/gradmatch/connection.h"

int main(int argc, char** argv) {
  gradmatch::GlobalOptions options;
  options.endpoint.clear();  // PrepareConnection knows which
  gradmatch::CommandLine line(
      "gradmatch",
      "Matches job postings to graduates and decides who is told about what.\n"
      "Begin with: gradmatch demo");
  line.Version("gradmatch " GRADMATCH_VERSION);
  line.Global()
      .Option("--endpoint", &options.endpoint,
              "Server to talk to, HOST:PORT; else the context's, else "
              "127.0.0.1:50051")
      .Env("GRADMATCH_ENDPOINT")
      .Option("--context", &options.context,
              "Server of this name in `gradmatch context ls`")
      .Env("GRADMATCH_CONTEXT")
      .Option("--tls-ca", &options.files.tls_ca,
              "Speak TLS; file of the certificates that sign the server's, or "
              "system")
      .Env("GRADMATCH_TLS_CA")
      .Option("--tls-cert", &options.files.tls_cert, "Our certificate, PEM")
      .Env("GRADMATCH_TLS_CERT")
      .Option("--tls-key", &options.files.tls_key, "And its key")
      .Env("GRADMATCH_TLS_KEY")
      .Option("--tls-server-name", &options.files.tls_server_name,
              "Name in the server's certificate, when it is not the host's")
      .Env("GRADMATCH_TLS_SERVER_NAME")
      .Option("--token-file", &options.files.token_file,
              "File of the token that says who calls")
      .Env("GRADMATCH_TOKEN_FILE")
      .Option("--output", &options.output, "How answers are printed")
      .OneOf({"table", "json", "jsonl"})
      .Option("--timeout", &options.timeout_seconds, "Seconds for one call")
      .Range(1, 86'400)
      .Flag("--quiet", &options.quiet, "No progress and no summary");
  line.BeforeCalls([&options] {
    const absl::Status ready = gradmatch::PrepareConnection(options);
    if (ready.ok()) return gradmatch::kExitOk;
    (void)gradmatch::Fail(ready);
    return gradmatch::kExitConfig;
  });
  gradmatch::AddContextCommands(line, options);
  gradmatch::AddTlsCommands(line, options);
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
  gradmatch::AddSnapshotCommands(line, options);
  gradmatch::AddSampleCommands(line, options);
  gradmatch::AddPageCommands(line, options);
  return line.Run(argc, argv);
}
