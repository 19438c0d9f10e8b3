#include "server/engine_parts.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "matcher/hash_encoder.h"
#include "matcher/ingest/catalog_loader.h"

namespace gradmatch {
namespace {

// A copy of the data folder must not bring the keys along.
absl::Status CheckKeyApart(const std::string& file, const std::string& folder,
                           std::string_view what) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path key = fs::weakly_canonical(file, error);
  const fs::path data = fs::weakly_canonical(folder, error);
  const auto [end, unused] =
      std::mismatch(data.begin(), data.end(), key.begin(), key.end());
  if (end != data.end()) return absl::OkStatus();
  return MakeError(
      absl::StatusCode::kFailedPrecondition, kSealKeyMissing,
      absl::StrCat("privacy.seal_key_file ", file, " 位于", A(what), " ",
                   folder,
                   " 之内；密钥须与数据及其备份分开存放，请移到目录之外"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<EngineParts>> EngineParts::Open(
    const Options& options, std::string_view version, const Clock& clock) {
  std::unique_ptr<EngineParts> parts(new EngineParts());
  absl::Status status = parts->OpenStore(options, version, clock);
  if (status.ok()) status = parts->OpenVault(options, clock);
  if (status.ok()) status = parts->OpenCatalog(options, clock);
  if (!status.ok()) return status;
  parts->MakeEngine(options, clock);
  return parts;
}

absl::Status EngineParts::OpenStore(const Options& options,
                                    std::string_view version,
                                    const Clock& clock) {
  RocksdbStoreOptions store;
  store.folder = options.storage.data_dir;
  store.program = absl::StrCat("gradmatchd ", A(version));
  store.clock = &clock;
  store.block_cache_bytes = int64_t{options.storage.block_cache_mb} << 20;
  store.write_buffer_bytes = int64_t{options.storage.write_buffer_mb} << 20;
  store.max_open_files = options.storage.max_open_files;
  store.plain_tables = options.storage.plain_tables;
  auto opened = RocksdbStore::Open(store);
  if (!opened.ok()) return opened.status();
  store_ = *std::move(opened);

  // Before anything that names codes is read.
  auto code_tables = CodeTableStore::Open(*store_, clock);
  if (!code_tables.ok()) return code_tables.status();
  code_tables_ = *std::move(code_tables);

  auto pseudonyms = Pseudonymizer::Open(options.storage.data_dir);
  if (!pseudonyms.ok()) return pseudonyms.status();
  pseudonyms_ = std::make_unique<Pseudonymizer>(*std::move(pseudonyms));
  absl::Status own = CheckSecret(*store_, *pseudonyms_);
  if (!own.ok()) return own;
  requests_ = std::make_unique<RequestLog>(*store_, clock);
  feedback_ = std::make_unique<FeedbackStore>(*store_);
  graduates_shown_ = std::make_unique<DailyBudget>(*store_);
  tokens_ = std::make_unique<PageTokens>(
      [this](std::string_view bytes) { return pseudonyms_->Of(bytes); });
  auto sources = SourceRegistry::Open(*store_, clock);
  if (!sources.ok()) return sources.status();
  sources_ = *std::move(sources);
  auto staff = StaffRegistry::Open(*store_, clock);
  if (!staff.ok()) return staff.status();
  staff_ = *std::move(staff);
  auto bearers = TokenStore::Open(*store_, clock);
  if (!bearers.ok()) return bearers.status();
  bearers_ = *std::move(bearers);
  return absl::OkStatus();
}

absl::Status EngineParts::OpenVault(const Options& options,
                                    const Clock& clock) {
  auto audit = AuditLog::Open(*store_, clock);
  if (!audit.ok()) return audit.status();
  audit_ = *std::move(audit);
  const std::string& file = options.privacy.seal_key_file;
  if (file.empty()) {
    sealed_ = std::make_unique<SealedStore>(*store_, std::nullopt);
    return absl::OkStatus();
  }
  absl::Status apart =
      CheckKeyApart(file, options.storage.data_dir, "数据目录");
  if (apart.ok() && !options.snapshot.folder.empty()) {
    apart = CheckKeyApart(file, options.snapshot.folder, "快照目录");
  }
  if (!apart.ok()) return apart;
  auto keys = SealKeys::Load(file);
  if (!keys.ok()) return keys.status();
  sealed_ = std::make_unique<SealedStore>(*store_, *std::move(keys));
  auto resealed = sealed_->Reseal(*audit_);
  if (!resealed.ok()) return resealed.status();
  resealed_ = *resealed;
  return absl::OkStatus();
}

absl::Status EngineParts::OpenCatalog(const Options& options,
                                      const Clock& clock) {
  HashEncoderOptions encoder;
  encoder.dimension = static_cast<uint32_t>(options.encoder.dimension);
  auto made = NewHashEncoder(encoder);
  if (!made.ok()) return made.status();
  encoder_ = *std::move(made);

  CatalogOptions catalog = MakeCatalogOptions(*encoder_);
  catalog.load_threads = options.match.load_threads;
  const IsSandbox is_sandbox = [this](std::string_view source_id) {
    const auto source = sources_->Get(source_id);
    return source.ok() && source->sandbox();
  };
  auto opened = Catalog::Open(*store_, clock, std::move(catalog),
                              MakeCatalogLoader(*encoder_, is_sandbox));
  if (!opened.ok()) return opened.status();
  catalog_ = *std::move(opened);
  return absl::OkStatus();
}

void EngineParts::MakeEngine(const Options& options, const Clock& clock) {
  MatcherOptions matcher;
  matcher.max_ranked = static_cast<size_t>(options.match.max_ranked);
  matcher.candidates.max_rows = matcher.max_ranked;
  matcher.candidates.by_similarity =
      static_cast<size_t>(options.match.candidates);
  matcher.candidates.by_function = matcher.candidates.by_similarity;
  matcher.rerank.max_per_employer = options.match.max_per_employer;
  matcher_ = std::make_unique<Matcher>(*catalog_, *encoder_, matcher);

  screener_ = MakeDefaultScreener();
  PostingIngesterOptions ingest;
  ingest.default_life = options.ingest.default_life;
  postings_ = std::make_unique<PostingIngester>(*catalog_, *store_, *encoder_,
                                                *screener_, clock, ingest);
  graduates_ = std::make_unique<GraduateIngester>(*catalog_, *store_, *encoder_,
                                                  *pseudonyms_);
  const SourceLookup sources =
      [this](std::string_view source_id) -> std::optional<bool> {
    const auto source = sources_->Get(source_id);
    if (!source.ok()) return std::nullopt;
    return source->sandbox();
  };
  contents_ = std::make_unique<ContentIngester>(*catalog_, *encoder_,
                                                *screener_, sources, clock);
  content_matcher_ = std::make_unique<ContentMatcher>(*catalog_, *encoder_);
  engine_ = std::make_unique<Engine>(
      Engine{*store_, *catalog_, *encoder_, *matcher_, *pseudonyms_, *postings_,
             *graduates_, *sources_, *requests_, *tokens_, *code_tables_,
             *contents_, *content_matcher_, *audit_, *feedback_,
             *graduates_shown_, *sealed_, *staff_, *bearers_});
}

}  // namespace gradmatch
