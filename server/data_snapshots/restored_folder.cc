#include "server/data_snapshots/restored_folder.h"

#include <iterator>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "index/base/error_reasons.h"
#include "index/catalog.h"
#include "index/data_snapshot/rights_journal.h"
#include "index/keys.h"
#include "index/vault/sealed_store.h"
#include "matcher/ingest/graduate_ingester.h"
#include "matcher/ingest/keep_decisions.h"
#include "server/audit.h"
#include "server/caller.h"
#include "server/identity/token_store.h"
#include "server/resource_name.h"
#include "server/row_error.h"

namespace gradmatch {
namespace {

constexpr char kMethod[] = "SnapshotService.Restore";
constexpr char kPrincipal[] = "local";

// The last word of a person who was not erased.
struct LastWord {
  bool deleted = false;
  v1::Graduate decisions;
};

class Applying {
 public:
  Applying(const Engine& engine, const ErasureStore& erasures)
      : engine_(engine), erasures_(erasures) {}

  absl::StatusOr<AppliedRights> Run(const JournalContents& journal,
                                    const JournalPosition& snapshot) {
    for (const JournalRecord& record : journal.records) {
      if (record.taken_out) continue;
      absl::Status noted = Note(record.entry, record.number > snapshot.number);
      if (!noted.ok()) return noted;
    }
    for (const auto& [key, word] : last_) {
      if (absl::Status s = DecideAgain(key, word); !s.ok()) return s;
    }
    for (const auto& [name, token] : tokens_) {
      if (absl::Status s = engine_.bearers.Put(*token); !s.ok()) return s;
    }
    for (const auto& [key, sealed] : sealed_) {
      if (absl::Status s = engine_.sealed.Put(key, sealed); !s.ok()) return s;
    }
    applied_.tokens = std::ssize(tokens_);
    applied_.sealed = std::ssize(sealed_);
    return applied_;
  }

 private:
  absl::Status Note(const v1::StoredRightsEntry& entry, bool since_snapshot) {
    if (entry.has_erased()) return EraseAgain(entry.erased());
    if (entry.has_decided()) {
      last_[KeyOf(entry.decided().name())] = {false, entry.decided()};
    } else if (!entry.deleted().empty()) {
      last_[entry.deleted()] = {true, {}};
      sealed_.erase(entry.deleted());
    } else if (entry.has_token() && since_snapshot) {
      tokens_[entry.token().token().name()] = &entry.token();
    } else if (entry.has_sealed() && since_snapshot) {
      const v1::JournaledSeal& seal = entry.sealed();
      sealed_[seal.key()] = seal.has_values() ? &seal.values() : nullptr;
    }
    return absl::OkStatus();
  }

  std::string KeyOf(std::string_view name) const {
    const auto id = ParseGraduateName("name", name);
    return id.ok() ? GraduateKey(engine_.pseudonyms.Of(*id)) : "";
  }

  absl::Status EraseAgain(const v1::JournaledErasure& journaled) {
    PendingErasure erasure;
    erasure.id = journaled.id();
    erasure.stored = journaled.erasure();
    // Its files were clean once; they are to be so again.
    erasure.stored.set_purge_now(true);
    erasure.graduate_id =
        engine_.pseudonyms.Mask(erasure.id, erasure.stored.masked_graduate());
    sealed_.erase(GraduateKey(engine_.pseudonyms.Of(erasure.graduate_id)));
    const auto before = engine_.graduates.WasErased(erasure.graduate_id);
    if (!before.ok()) return before.status();
    if (*before) return absl::OkStatus();
    WriteBatch also;
    ErasureStore::AddTo(also, erasure);
    absl::Status erased =
        engine_.graduates.Erase(erasure.graduate_id, std::move(also));
    if (erased.ok()) ++applied_.erased;
    return erased;
  }

  absl::Status DecideAgain(const std::string& key, const LastWord& word) {
    const auto record = engine_.catalog.Get(CollectionId::kGraduates, key);
    if (!record.ok() && !absl::IsNotFound(record.status())) {
      return record.status();
    }
    std::optional<v1::Graduate> stored;
    if (record.ok() && record->head.exists) {
      auto graduate = GraduateFromRecord(*record);
      if (!graduate.ok()) return graduate.status();
      stored = *std::move(graduate);
    }
    if (word.deleted) {
      return stored.has_value() ? DeleteAgain(stored->name())
                                : absl::OkStatus();
    }
    if (!stored.has_value() && HasNoDecisions(word.decisions)) {
      return absl::OkStatus();
    }
    if (stored.has_value() && SameDecisions(*stored, word.decisions)) {
      return absl::OkStatus();
    }
    ++(stored.has_value() ? applied_.decided : applied_.unknown);
    return Put(stored, word.decisions);
  }

  absl::Status DeleteAgain(const std::string& name) {
    const auto id = ParseGraduateName("name", name);
    if (!id.ok()) return id.status();
    ++applied_.deleted;
    GraduateOp op;
    op.action = IngestAction::kDelete;
    op.graduate_id = *id;
    return Ingest(op);
  }

  absl::Status Put(const std::optional<v1::Graduate>& stored,
                   const v1::Graduate& decisions) {
    GraduateOp op;
    op.keeps = Keeps::kNothing;
    if (stored.has_value()) op.graduate = *stored;
    op.graduate.set_name(decisions.name());
    op.graduate.clear_preferences();
    if (decisions.has_preferences()) {
      *op.graduate.mutable_preferences() = decisions.preferences();
    }
    op.graduate.clear_placement();
    if (decisions.has_placement()) {
      *op.graduate.mutable_placement() = decisions.placement();
    }
    op.graduate.set_lifecycle(decisions.lifecycle() ==
                                      v1::Graduate::LIFECYCLE_UNSPECIFIED
                                  ? v1::Graduate::LIFECYCLE_ACTIVE
                                  : decisions.lifecycle());
    op.graduate.set_lifecycle_before_freeze(
        decisions.lifecycle_before_freeze());
    op.graduate.clear_revision();
    return Ingest(op);
  }

  absl::Status Ingest(const GraduateOp& op) {
    GraduateIngestOptions options;
    options.atomic = true;
    const auto rows = engine_.graduates.Ingest({&op, 1}, options);
    if (!rows.ok()) return rows.status();
    // An id that was erased stays so, whatever came before in the journal.
    if (rows->front().error.reason() == kGraduateErased)
      return absl::OkStatus();
    return ToStatus(rows->front(), "");
  }

  const Engine& engine_;
  const ErasureStore& erasures_;
  std::map<std::string, LastWord> last_;  // by key
  // What stands in the journal, which outlives this.
  std::map<std::string, const v1::StoredToken*> tokens_;   // by name
  std::map<std::string, const v1::StoredSealed*> sealed_;  // by key; null: none
  AppliedRights applied_;
};

// The journal that stood beside the snapshot, wherever it is now.
absl::StatusOr<JournalContents> FindJournal(const RestoredMark& mark,
                                            const DataSnapshots* snapshots) {
  std::vector<std::string> folders = {mark.journal_folder};
  if (snapshots != nullptr) folders.push_back(snapshots->folder());
  absl::Status first;
  for (const std::string& folder : folders) {
    auto journal = ReadJournal(folder);
    absl::Status status =
        journal.ok() ? CheckCovers(*journal, mark.journal) : journal.status();
    if (status.ok()) return journal;
    if (first.ok()) first = status;
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "the data folder was restored from snapshot ", mark.snapshot,
      " and the journal of rights in ", mark.journal_folder,
      " cannot be applied to it: ", std::string(first.message()),
      "; nothing is served, since graduates who were erased since would be "
      "back. Bring the journal back, or restore again with "
      "--accept-missing-erasures REASON"));
}

absl::Status Tell(const Engine& engine, const RestoredMark& mark,
                  std::string_view result) {
  return engine.audit.Append(
      AuditEvent{.principal = kPrincipal,
                 .role = std::string(CallerRoleName(CallerRole::kOperator)),
                 .method = kMethod,
                 .resource = DataSnapshotNameOf(mark.snapshot),
                 .purpose = mark.accepted,
                 .result = std::string(result)});
}

}  // namespace

absl::StatusOr<AppliedRights> ApplyJournal(const JournalContents& journal,
                                           const JournalPosition& snapshot,
                                           const Engine& engine,
                                           const ErasureStore& erasures) {
  return Applying(engine, erasures).Run(journal, snapshot);
}

absl::Status FinishRestore(const std::string& data_folder, const Engine& engine,
                           const ErasureStore& erasures,
                           DataSnapshots* snapshots, Logger& log) {
  const auto mark = ReadRestoredMark(data_folder);
  if (!mark.ok()) return mark.status();
  if (!mark->has_value()) return absl::OkStatus();
  const auto journal = FindJournal(**mark, snapshots);
  if (!journal.ok() && (*mark)->accepted.empty()) return journal.status();
  AppliedRights applied;
  if (journal.ok()) {
    auto done = ApplyJournal(*journal, (*mark)->journal, engine, erasures);
    if (!done.ok()) return done.status();
    applied = *done;
  }
  absl::Status told =
      Tell(engine, **mark,
           journal.ok() ? kAuditAllowed : "MISSING_ERASURES_ACCEPTED");
  if (!told.ok()) return told;
  if (snapshots != nullptr) {
    absl::Status noted = snapshots->rights().Restored((*mark)->snapshot);
    if (!noted.ok()) return noted;
  }
  log.Log(journal.ok() ? LogLevel::kInfo : LogLevel::kWarning, "restore",
          journal.ok() ? "rights_applied" : "missing_erasures_accepted",
          {{LogField::kPath, (*mark)->snapshot},
           {LogField::kCount, applied.erased},
           {LogField::kTotal, applied.erased + applied.decided +
                                  applied.deleted + applied.unknown}});
  return RemoveRestoredMark(data_folder);
}

}  // namespace gradmatch
