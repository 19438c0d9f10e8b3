#include "server/data_snapshots/snapshot_subsystem.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "index/base/strings.h"
#include "index/erasure_store.h"
#include "index/push_store.h"
#include "index/vault/sealed_store.h"
#include "matcher/ingest/graduate_ingester.h"
#include "server/data_snapshots/restored_folder.h"
#include "server/identity/token_store.h"

namespace gradmatch {

SnapshotSubsystem::SnapshotSubsystem(Runtime& runtime, const Options& options,
                                     std::string_view version)
    : runtime_(runtime),
      options_(options),
      version_(version),
      runner_(runtime, {.interval = options.snapshot.interval,
                        .keep = options.snapshot.keep}),
      service_(runtime, runner_) {}

absl::Status SnapshotSubsystem::OpenFolder(RocksdbStore& store,
                                           const Engine& engine) {
  auto opened =
      DataSnapshots::Open({.folder = options_.snapshot.folder,
                           .data_folder = options_.storage.data_dir,
                           .program = absl::StrCat("gradmatchd ", A(version_)),
                           .max_age = options_.privacy.snapshot_max_age},
                          runtime_.clock);
  if (!opened.ok()) return opened.status();
  snapshots_ = *std::move(opened);
  snapshots_->Attach(store, engine);
  return absl::OkStatus();
}

absl::Status SnapshotSubsystem::Start(RocksdbStore& store,
                                      ErasureRunner& erasures) {
  const Engine& engine = runtime_.engine();
  if (!options_.snapshot.folder.empty()) {
    absl::Status opened = OpenFolder(store, engine);
    if (!opened.ok()) return opened;
  }
  // Of its own: nothing else writes yet.
  PushStore push_store(engine.store);
  const ErasureStore again(engine.store, push_store, engine.pseudonyms);
  absl::Status finished = FinishRestore(options_.storage.data_dir, engine,
                                        again, snapshots_.get(), runtime_.log);
  if (!finished.ok()) return finished;
  if (snapshots_ != nullptr) {
    RightsKeeper& rights = snapshots_->rights();
    absl::Status caught_up = rights.CatchUp();
    if (caught_up.ok()) caught_up = rights.CatchUpWithTokens();
    if (!caught_up.ok()) return caught_up;
    engine.graduates.SetDecisionSink(rights);
    engine.bearers.SetKeep([&rights](const v1::StoredToken& token) {
      return rights.KeepToken(token);
    });
    engine.sealed.SetKeep(
        [&rights](std::string_view key, const v1::StoredSealed* sealed) {
          return rights.KeepSealed(key, sealed);
        });
    erasures.SetSnapshots(*snapshots_);
  }
  return runner_.Start(snapshots_.get());
}

}  // namespace gradmatch
