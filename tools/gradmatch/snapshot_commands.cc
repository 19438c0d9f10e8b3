#include <cctype>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "gradmatch/v1/snapshot_service.grpc.pb.h"
#include "index/base/clock.h"
#include "index/data_snapshot/snapshot_restore.h"
#include "server/options.h"
#include "tools/gradmatch/commands.h"
#include "tools/gradmatch/json_object.h"
#include "tools/gradmatch/listing.h"
#include "tools/gradmatch/operation_wait.h"
#include "tools/gradmatch/terminal.h"

namespace gradmatch {
namespace {

using google::longrunning::Operation;
using v1::SnapshotService;

constexpr char kHelp[] =
    "Copies of the data folder, to restore it from\n\n"
    "The server makes them in its option snapshot.folder, by command or every\n"
    "snapshot.interval, keeps snapshot.keep of them, and deletes each at\n"
    "privacy.snapshot_max_age. Put that folder on another disk, and copy it\n"
    "elsewhere as well: a copy of it is as good. Seal keys are not in it.\n\n"
    "What people decide (erasures, refusals, placements), sealed flags and\n"
    "tokens are written to RIGHTS in that folder before a change of them is\n"
    "acknowledged, and are applied to a restored folder before it serves.\n"
    "Other writes after the snapshot are lost by a restore, among them:\n"
    "  records of sources       send them again with a full sync\n"
    "  who was told about what  may be told again\n"
    "  postings dismissed       feedback since: such a posting may come again\n"
    "While the server has no snapshot.folder, nothing is written to RIGHTS:\n"
    "sealed flags changed then are as in the snapshot.\n\n"
    "The drill, once a quarter, on any machine, beside a running server:\n"
    "  gradmatch snapshot ls\n"
    "  gradmatch snapshot verify FOLDER/ID\n"
    "  gradmatch snapshot restore FOLDER/ID --data-dir /var/tmp/drill\n"
    "  gradmatch serve --data-dir /var/tmp/drill \\\n"
    "    --set server.grpc_listen=127.0.0.1:50099 --set server.http_listen=\n"
    "  gradmatch --endpoint 127.0.0.1:50099 status --wait 600\n"
    "then compare counts with the running server, stop it, remove the folder.\n"
    "In earnest: the same into the real data folder, with the server's own\n"
    "configuration, then `gradmatch status --wait 600`.";

struct Arguments {
  std::string snapshot;
  std::string data_dir;
  std::string folder;
  std::string config;
  std::string accepted;
  int64_t keep = 0;
  int64_t limit = 50;
  bool no_wait = false;
};

std::string IdOf(const v1::DataSnapshot& snapshot) {
  return snapshot.name().substr(snapshot.name().rfind('/') + 1);
}

std::string LocalTime(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M",
                          absl::FromUnixSeconds(time.seconds()), ChinaTime());
}

std::string SealKeysText(const std::vector<std::string>& keys) {
  if (keys.empty()) return "其中没有封存的值，不需要封存密钥";
  return absl::StrCat("封存密钥不在快照中；读取其中的困难与残疾信息需要密钥 ",
                      absl::StrJoin(keys, "、"));
}

void PrintSnapshot(const GlobalOptions& options,
                   const v1::DataSnapshot& snapshot) {
  if (options.output != "table") {
    PrintJson(snapshot, options.output == "json");
    return;
  }
  std::cout << IdOf(snapshot) << "：" << snapshot.files() << " 个文件，"
            << Grouped(snapshot.bytes()) << " 字节，其中新增 "
            << Grouped(snapshot.new_bytes()) << "\n"
            << SealKeysText(
                   {snapshot.seal_keys().begin(), snapshot.seal_keys().end()})
            << "\n";
}

// Waits for an operation that ends with a snapshot, and shows it.
int WaitFor(const Client& client, Operation operation,
            const std::string& what) {
  Progress progress(what, client.options().quiet, absl::Now);
  const auto done =
      WaitForOperation(client, std::move(operation), [&](const Operation& at) {
        v1::DataSnapshotProgress made;
        at.metadata().UnpackTo(&made);
        progress.Update(made.done_bytes(), made.total_bytes());
      });
  progress.Finish();
  if (!done.ok()) return Fail(done.status());
  v1::DataSnapshot snapshot;
  done->response().UnpackTo(&snapshot);
  PrintSnapshot(client.options(), snapshot);
  return kExitOk;
}

int Create(const GlobalOptions& options, const Arguments& arguments) {
  v1::CreateDataSnapshotRequest request;
  request.set_keep(static_cast<int32_t>(arguments.keep));
  request.set_request_id(NewRequestId());
  const Client client(options);
  Operation operation;
  const absl::Status status = client.Call<SnapshotService>(
      &SnapshotService::Stub::CreateDataSnapshot, request, operation);
  if (!status.ok()) return Fail(status);
  if (!arguments.no_wait) return WaitFor(client, operation, "制作快照");
  std::cout << operation.name() << "\n";
  return kExitOk;
}

int List(const GlobalOptions& options, const Arguments& arguments) {
  Table table(
      {"快照", "时间", "字节", "新增", "此后删除的人", "最迟删除", "程序", ""});
  table.Right({2, 3, 4});
  return PrintList<SnapshotService>(
      options, v1::ListDataSnapshotsRequest(), arguments.limit,
      &SnapshotService::Stub::ListDataSnapshots,
      [](const v1::ListDataSnapshotsResponse& r) { return r.data_snapshots(); },
      std::move(table),
      [](Table& rows, const v1::DataSnapshot& s) {
        rows.Add({IdOf(s), LocalTime(s.create_time()), Grouped(s.bytes()),
                  Grouped(s.new_bytes()), Grouped(s.erased_since()),
                  LocalTime(s.expire_time()), s.program(),
                  s.damage().empty() ? "" : "损坏"});
        if (!s.damage().empty()) rows.AddNote(s.damage());
      });
}

int Delete(const GlobalOptions& options, const Arguments& arguments) {
  v1::DeleteDataSnapshotRequest request;
  request.set_name(FullName("dataSnapshots", arguments.snapshot));
  google::protobuf::Empty empty;
  const absl::Status status = Client(options).Call<SnapshotService>(
      &SnapshotService::Stub::DeleteDataSnapshot, request, empty);
  return status.ok() ? kExitOk : Fail(status);
}

bool IsPath(const std::string& snapshot) {
  return snapshot.find('/') != std::string::npos &&
         !snapshot.starts_with("dataSnapshots/");
}

void PrintLocal(const GlobalOptions& options, const ReadSnapshot& read) {
  const SnapshotManifest& manifest = read.manifest;
  if (options.output == "table") {
    std::cout << manifest.id << "：" << manifest.files.size() << " 个文件，"
              << Grouped(manifest.TotalBytes()) << " 字节，完好\n"
              << SealKeysText(manifest.seal_keys) << "\n";
    return;
  }
  JsonObject object;
  object.Add("snapshot", manifest.id);
  object.Add("bytes", absl::StrCat(manifest.TotalBytes()));
  object.Add("seal_keys", absl::StrJoin(manifest.seal_keys, " "));
  std::cout << object.ToString() << "\n";
}

WorkMeter MeterOf(Progress& progress) {
  return WorkMeter([&progress](int64_t done, int64_t total) {
    progress.Update(done, total);
    return absl::OkStatus();
  });
}

int VerifyHere(const GlobalOptions& options, const std::string& path) {
  Progress progress("核对快照", options.quiet, absl::Now);
  WorkMeter meter = MeterOf(progress);
  const auto read = VerifySnapshot(path, meter);
  progress.Finish();
  if (!read.ok()) return Fail(read.status());
  PrintLocal(options, *read);
  return kExitOk;
}

int Verify(const GlobalOptions& options, const Arguments& arguments) {
  if (IsPath(arguments.snapshot)) {
    return VerifyHere(options, arguments.snapshot);
  }
  v1::VerifyDataSnapshotRequest request;
  request.set_name(FullName("dataSnapshots", arguments.snapshot));
  request.set_request_id(NewRequestId());
  const Client client(options);
  Operation operation;
  const absl::Status status = client.Call<SnapshotService>(
      &SnapshotService::Stub::VerifyDataSnapshot, request, operation);
  if (!status.ok()) return Fail(status);
  return WaitFor(client, operation, "核对快照");
}

// The folder of a snapshot that is named by its id: in --folder, or where the
// server's configuration says.
absl::StatusOr<std::string> PathOf(const Arguments& arguments) {
  if (IsPath(arguments.snapshot)) return arguments.snapshot;
  std::string folder = arguments.folder;
  if (folder.empty()) {
    const auto sources = ReadOptionSources(arguments.config);
    if (!sources.ok()) return sources.status();
    const auto loaded = LoadOptions(*sources);
    if (!loaded.ok()) return loaded.status();
    folder = loaded->options.snapshot.folder;
  }
  if (folder.empty()) {
    return absl::InvalidArgumentError(
        "where the snapshot is, is not known: give its path, --folder, or "
        "--config with snapshot.folder");
  }
  return absl::StrCat(folder, "/", arguments.snapshot);
}

bool IsOneLine(const std::string& text) {
  for (const unsigned char c : text) {
    if (std::iscntrl(c)) return false;
  }
  return text.size() <= 500;
}

int RestoreHere(const GlobalOptions& options, const Arguments& arguments) {
  const auto path = PathOf(arguments);
  if (!path.ok()) return Fail(path.status());
  if (!IsOneLine(arguments.accepted)) {
    std::cerr << "gradmatch: --accept-missing-erasures wants one line of at "
                 "most 500 bytes\n";
    return kExitUsage;
  }
  Progress progress("恢复", options.quiet, absl::Now);
  WorkMeter meter = MeterOf(progress);
  const auto read = RestoreSnapshot({.snapshot = *path,
                                     .data_folder = arguments.data_dir,
                                     .accepted = arguments.accepted},
                                    meter);
  progress.Finish();
  if (!read.ok()) return Fail(read.status());
  PrintLocal(options, *read);
  if (!options.quiet) {
    std::cerr << "已恢复到 " << arguments.data_dir
              << "。启动时会先重新执行快照之后的删除与拒绝，然后才提供服务："
                 "gradmatch serve --data-dir "
              << arguments.data_dir << "\n";
  }
  return kExitOk;
}

}  // namespace

void AddSnapshotCommands(CommandLine& line, const GlobalOptions& options) {
  line.Describe("snapshot", kHelp);
  auto a = std::make_shared<Arguments>();
  line.Add("snapshot create", "Makes one while the server serves",
           [&options, a] { return Create(options, *a); })
      .Option("--keep", &a->keep,
              "Keep this many, the newest, and delete the others; 0 means the "
              "option snapshot.keep")
      .Range(0, 1'000)
      .Flag("--no-wait", &a->no_wait, "Print the operation's name at once");
  line.Add("snapshot ls",
           "Lists them, and how many people were erased since each",
           [&options, a] { return List(options, *a); })
      .Option("--limit", &a->limit, "At most this many")
      .Range(1, kMostItems);
  line.Add("snapshot verify", "Compares every byte with what was written",
           [&options, a] { return Verify(options, *a); })
      .Positional("snapshot", &a->snapshot,
                  "Id, which the server verifies; or a path (with a '/'), "
                  "which is verified here");
  line.Add("snapshot delete", "Deletes one",
           [&options, a] { return Delete(options, *a); })
      .Positional("snapshot", &a->snapshot, "Id");
  line.Add("snapshot restore",
           "Makes an empty folder a data folder again; without a server",
           [&options, a] { return RestoreHere(options, *a); })
      .Positional("snapshot", &a->snapshot, "Id, or path (with a '/')")
      .Option("--data-dir", &a->data_dir, "Missing or empty folder")
      .Required()
      .Option("--folder", &a->folder, "Where the id is to be found")
      .Option("--config", &a->config,
              "Configuration file with snapshot.folder, YAML")
      .Option("--accept-missing-erasures", &a->accepted,
              "Go on although RIGHTS is missing or damaged, and say why; the "
              "audit keeps it. Who was erased since is then served again");
}

}  // namespace gradmatch
