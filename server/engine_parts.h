#ifndef GRADMATCH_SERVER_ENGINE_PARTS_H_
#define GRADMATCH_SERVER_ENGINE_PARTS_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/base/clock.h"
#include "index/catalog.h"
#include "index/code_table_store.h"
#include "index/daily_budget.h"
#include "index/feedback_store.h"
#include "index/pseudonym.h"
#include "index/request_log.h"
#include "index/rocksdb_store.h"
#include "index/vault/audit_log.h"
#include "index/vault/sealed_store.h"
#include "matcher/content_matcher.h"
#include "matcher/encoder.h"
#include "matcher/ingest/content_ingester.h"
#include "matcher/ingest/graduate_ingester.h"
#include "matcher/ingest/posting_ingester.h"
#include "matcher/matcher.h"
#include "matcher/screening/screener.h"
#include "server/identity/token_store.h"
#include "server/log.h"
#include "server/options.h"
#include "server/page_token.h"
#include "server/runtime.h"
#include "server/source_registry.h"
#include "server/staff_registry.h"

namespace gradmatch {

// Everything that lives on the data folder, opened in order and taken down in
// the opposite order. What services see of it is engine().
class EngineParts {
 public:
  // Opens the folder (recovering it if need be) and loads all records. Slow.
  // `clock` is borrowed and outlives this.
  static absl::StatusOr<std::unique_ptr<EngineParts>> Open(
      const Options& options, std::string_view version, const Clock& clock);

  const Engine& engine() const { return *engine_; }
  RocksdbStore& store() const { return *store_; }
  // What the start found among the sealed values, and sealed anew.
  const SealedStore::ResealReport& reseal_report() const { return resealed_; }

 private:
  EngineParts() = default;
  absl::Status OpenStore(const Options& options, std::string_view version,
                         const Clock& clock);
  absl::Status OpenVault(const Options& options, const Clock& clock);
  absl::Status OpenCatalog(const Options& options, const Clock& clock);
  void MakeEngine(const Options& options, const Clock& clock);

  std::unique_ptr<RocksdbStore> store_;
  std::unique_ptr<Pseudonymizer> pseudonyms_;
  std::unique_ptr<RequestLog> requests_;
  std::unique_ptr<CodeTableStore> code_tables_;
  std::unique_ptr<AuditLog> audit_;
  std::unique_ptr<FeedbackStore> feedback_;
  std::unique_ptr<DailyBudget> graduates_shown_;
  std::unique_ptr<SealedStore> sealed_;
  std::unique_ptr<SourceRegistry> sources_;
  std::unique_ptr<StaffRegistry> staff_;
  std::unique_ptr<TokenStore> bearers_;
  std::unique_ptr<PageTokens> tokens_;
  std::unique_ptr<Encoder> encoder_;
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<Screener> screener_;
  std::unique_ptr<Matcher> matcher_;
  std::unique_ptr<PostingIngester> postings_;
  std::unique_ptr<GraduateIngester> graduates_;
  std::unique_ptr<ContentIngester> contents_;
  std::unique_ptr<ContentMatcher> content_matcher_;
  std::unique_ptr<Engine> engine_;
  SealedStore::ResealReport resealed_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_ENGINE_PARTS_H_
