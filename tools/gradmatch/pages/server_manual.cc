// gradmatchd(8) and gradmatch.yaml(5).

#include <string>

#include "absl/strings/str_cat.h"
#include "server/daemon_flags.h"
#include "tools/gradmatch/pages/manual.h"
#include "tools/gradmatch/pages/roff.h"
#include "tools/gradmatch/pages/sample_configuration.h"

namespace gradmatch {
namespace {

constexpr char kConfigurationFile[] = "/etc/gradmatch/gradmatch.yaml";
constexpr char kCredentials[] = "/etc/gradmatch/credentials/";

void AddDaemonFiles(RoffPage& page) {
  page.Section("FILES");
  page.Entry(kConfigurationFile, "",
             "The configuration, gradmatch.yaml(5); read at a start.");
  page.Entry(
      kCredentials, "",
      "Secrets, each a file of root's with mode 0400. At a start the service "
      "gets a copy of each that only it can read: seal_keys becomes "
      "/run/credentials/gradmatch.service/gradmatch_seal_keys. A secret that "
      "was replaced is read after a restart.");
  page.Entry("/var/lib/gradmatch/", "",
             "The data folder of the packaged service, mode 0700. Removing or "
             "purging the package leaves it.");
}

void AddDaemonService(RoffPage& page) {
  page.Section("SERVICE");
  page.Text(
      "The package runs gradmatchd as gradmatch.service, user gradmatch, in a "
      "sandbox that may write to its data folder only. It listens on loopback "
      "addresses until gradmatch.yaml says otherwise. Settings of the unit are "
      "changed by `systemctl edit gradmatch`; a data folder elsewhere needs "
      "ReadWritePaths= there.");
}

void AddDaemonExamples(RoffPage& page) {
  page.Section("EXAMPLES");
  page.Example("A server of one's own, without the package's service:",
               "gradmatchd --data_dir=data "
               "--set=server.grpc_listen=127.0.0.1:50061");
  page.Example("Look after the service:",
               "systemctl status gradmatch\n"
               "journalctl -u gradmatch --since today\n"
               "gradmatch check --config /etc/gradmatch/gradmatch.yaml");
  page.Example("Let sealed values be taken, with a key of one's own:",
               "gradmatch seal-key new /etc/gradmatch/credentials/seal_keys\n"
               "editor /etc/gradmatch/gradmatch.yaml   # "
               "privacy.seal_key_file\n"
               "systemctl restart gradmatch");
}

}  // namespace

std::string DaemonManual(const std::string& version) {
  RoffPage page("gradmatchd", 8, absl::StrCat("gradmatch ", version));
  page.Section("NAME");
  page.Text("gradmatchd - the GradMatch matching and push server");
  page.Section("SYNOPSIS");
  page.Text(
      "gradmatchd [--config=FILE] [--data_dir=FOLDER] [--set=NAME=VALUE]");
  page.Section("DESCRIPTION");
  page.Text(
      "Serves gRPC and HTTP/JSON on one data folder, in the foreground, and "
      "logs to standard error. What it acknowledged is on stable storage: it "
      "may be killed at any time.");
  page.Section("OPTIONS");
  for (const DaemonFlag& flag : kDaemonFlags) {
    page.Entry(absl::StrCat("--", flag.name), flag.value, flag.help);
  }
  page.Entry("--help", "", "Shows the flags.");
  page.Entry("--version", "", "Shows the version.");
  AddDaemonService(page);
  page.Section("SIGNALS");
  page.Text(kSignalsHelp);
  AddDaemonExamples(page);
  page.Section("EXIT STATUS");
  page.Entry("0", "", "Ended by a signal, calls under way done.");
  page.Entry("64", "", "The words on the command line are wrong.");
  page.Entry("69", "", "An address to listen on is taken.");
  page.Entry("70", "", "A defect, or the store failed.");
  page.Entry("73", "",
             "The data folder cannot be opened: in use, damaged, or of a newer "
             "version.");
  page.Entry("77", "", "The data folder or a file may not be read.");
  page.Entry("78", "", "The configuration is wrong.");
  page.Entry("130, 143", "", "Ended at once by a second signal.");
  page.Section("ENVIRONMENT");
  page.Entry("GRADMATCH__SECTION__NAME", "",
             "An option of gradmatch.yaml(5), such as "
             "GRADMATCH__SERVER__GRPC_LISTEN.");
  AddDaemonFiles(page);
  page.Section("SEE ALSO");
  page.Text("gradmatch(1), gradmatch.yaml(5), systemd.exec(5)");
  return std::move(page).Take();
}

std::string ConfigurationManual(const std::vector<OptionValue>& values,
                                const std::string& version) {
  RoffPage page("gradmatch.yaml", 5, absl::StrCat("gradmatch ", version));
  page.Section("NAME");
  page.Text("gradmatch.yaml - configuration of gradmatchd");
  page.Section("SYNOPSIS");
  page.Text(kConfigurationFile);
  page.Section("DESCRIPTION");
  page.Text(
      "YAML: sections are maps, and what is below them are options. What is "
      "not "
      "in the file has its default. An unknown option or a value out of bounds "
      "keeps the server from starting, and the message names the line.");
  page.Section("OPTIONS");
  for (const OptionValue& value : values) {
    page.Entry(
        value.name, "",
        absl::StrCat(
            value.help, " Default: ",
            value.default_value.empty() ? "empty" : value.default_value, "."));
  }
  page.Section("EXAMPLES");
  page.Example("A file with every option and its default:",
               "gradmatch config reference");
  page.Example("Less memory, and a log that says more:",
               "storage:\n"
               "  data_dir: /var/lib/gradmatch\n"
               "  block_cache_mb: 64\n"
               "log:\n"
               "  level: debug");
  page.Section("ENVIRONMENT");
  page.Text(absl::StrCat(
      "Each option can be set by a variable, which wins over the file: ",
      OptionVariable("server.grpc_listen"),
      " is server.grpc_listen. A flag, --set=server.grpc_listen=..., wins over "
      "both. `gradmatch config show --origin` says where each value of a "
      "running server came from."));
  page.Section("FILES");
  page.Entry(kConfigurationFile, "", "The packaged service reads this one.");
  page.Entry("/usr/share/doc/gradmatch/examples/gradmatch.yaml", "",
             "Every option with its default.");
  page.Section("SEE ALSO");
  page.Text("gradmatch(1), gradmatchd(8)");
  return std::move(page).Take();
}

}  // namespace gradmatch
