#include <iostream>
#include <memory>
#include <string>

#include "index/vault/seal_keys.h"
#include "tools/gradmatch/commands.h"
#include "tools/gradmatch/exit_code.h"

namespace gradmatch {
namespace {

// Says what to do next; never what is in the file.
int Done(const GlobalOptions& options, const absl::Status& status,
         const std::string& next) {
  if (!status.ok()) return Fail(status);
  if (!options.quiet) std::cerr << next << "\n";
  return kExitOk;
}

int Show(const std::string& path) {
  const auto keys = SealKeys::Load(path);
  if (!keys.ok()) return Fail(keys.status());
  std::cout << "当前密钥：" << keys->current_id() << "\n"
            << "密钥数：" << keys->size() << "\n";
  return kExitOk;
}

}  // namespace

void AddSealKeyCommands(CommandLine& line, const GlobalOptions& options) {
  line.Describe("seal-key", "Keys that seal hardship and disability");
  auto file = std::make_shared<std::string>();
  const std::string help = "File of the keys, outside the data folder";
  line.Add("seal-key new", "Makes a file with one key, for its owner only",
           [&options, file] {
             return Done(options, NewSealKeyFile(*file),
                         "已生成。请以 privacy.seal_key_file 指明此文件并重启"
                         "服务；文件须单独备份，丢失后已封存的值无法恢复");
           })
      .Positional("file", file.get(), help)
      .Offline();
  line.Add("seal-key rotate", "Adds a new current key; older ones still open",
           [&options, file] {
             return Done(options, RotateSealKeyFile(*file),
                         "已加入新密钥。重启服务后旧值会改用新密钥封存（日志 "
                         "values_sealed_anew），然后可用 seal-key prune 去掉旧"
                         "密钥");
           })
      .Positional("file", file.get(), help)
      .Offline();
  line.Add("seal-key prune", "Leaves only the current key",
           [&options, file] {
             return Done(options, PruneSealKeyFile(*file),
                         "已去掉旧密钥。用旧密钥封存的备份将无法再读取");
           })
      .Positional("file", file.get(), help)
      .Offline();
  line.Add("seal-key show", "Names the keys, without the keys",
           [file] { return Show(*file); })
      .Positional("file", file.get(), help)
      .Offline();
}

}  // namespace gradmatch
