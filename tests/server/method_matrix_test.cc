// The matrix: every method of the API x everything that can be wrong with its
// request. A method without a row fails; so does a field that takes anything.
#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "index/base/error.h"
#include "tests/server/any_call.h"
#include "tests/server/method_rows.h"
#include "tests/server/request_faults.h"
#include "tests/server/test_server.h"
#include "tests/server/test_world.h"

namespace gradmatch {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

const MethodRow* RowOf(const MethodDescriptor& method) {
  for (const MethodRow& row : MethodRows()) {
    if (row.method == ShortName(method)) return &row;
  }
  return nullptr;
}

// Answers that say something is wrong with the service, not with the caller.
bool IsOurFault(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:
      return true;
    default:
      return false;
  }
}

// Texts that people write and the service cleans: control characters leave
// them, and the rest is theirs.
bool IsFreeText(const std::string& field) {
  static constexpr const char* kFreeTexts[] = {
      "skills[0]",   "text",          "title",        "description",
      "benefits[0]", "requirements",  "display",      "address",
      "raw",         "note",          "size",         "source_posting_id",
      "purpose",     "employer.name", "uscc",         "channel_reason",
      "provider",    "apply_url",     "employers[0]", "registration_id",
      "url",         "apply_url"};
  return std::any_of(
      std::begin(kFreeTexts), std::end(kFreeTexts), [&](const char* text) {
        return field == text || absl::EndsWith(field, absl::StrCat(".", text));
      });
}

// What the server writes, whatever a caller sends: the resource that was read
// can be sent back as it is. A Create's name comes from its id.
bool IsOutputOnly(const MethodRow& row, const std::string& field) {
  if (absl::EndsWith(field, ".canonical_posting") ||
      absl::EndsWith(field, ".lifecycle_before_freeze")) {
    return true;
  }
  if (!absl::StrContains(row.method, ".Create")) return false;
  return std::count(field.begin(), field.end(), '.') == 1 &&
         (absl::EndsWith(field, ".name") || absl::EndsWith(field, ".etag"));
}

bool IsHarmless(const MethodRow& row, const Fault& fault) {
  // Sizes above the limit mean the limit.
  if (fault.kind == FaultKind::kHuge &&
      (fault.field == "page_size" || fault.field == "begin.expected_count")) {
    return true;
  }
  if (fault.kind == FaultKind::kControl && IsFreeText(fault.field)) return true;
  if (IsOutputOnly(row, fault.field)) return true;
  const std::string with_kind =
      absl::StrCat(FaultName(fault.kind), " ", fault.field);
  for (const std::string& entry : row.harmless) {
    for (const std::string& seen : {fault.field, with_kind}) {
      const bool prefix = absl::EndsWith(entry, "*");
      if (prefix ? absl::StartsWith(seen, entry.substr(0, entry.size() - 1))
                 : seen == entry) {
        return true;
      }
    }
  }
  return false;
}

// Whether `status` is what this kind of fault must be answered with.
bool IsRightAnswer(const Fault& fault, const absl::Status& status) {
  FaultKind kind = fault.kind;
  if (kind == FaultKind::kOverLong && absl::EndsWith(fault.field, "etag")) {
    kind = FaultKind::kStaleEtag;
  }
  switch (kind) {
    case FaultKind::kUnknownName:
      return absl::IsNotFound(status);
    case FaultKind::kStaleEtag:
      return absl::IsAborted(status) && ReasonOf(status) == "ETAG_MISMATCH";
    case FaultKind::kMadeUpToken:
      return absl::IsInvalidArgument(status) &&
             ReasonOf(status) == "PAGE_TOKEN_INVALID";
    case FaultKind::kUnknownMask:
      return absl::IsInvalidArgument(status) &&
             ReasonOf(status) == "FIELD_MASK_INVALID";
    default:
      return absl::IsInvalidArgument(status) && !ReasonOf(status).empty();
  }
}

std::string Describe(const absl::Status& status) {
  return absl::StrCat(Summary(status), " | ", status.message());
}

class MethodMatrixTest
    : public testing::TestWithParam<const MethodDescriptor*> {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TempFolder();
    server_ = new TestServer(TestWorld::Settings(folder_->path()));
    world_ = new TestWorld(*server_);
  }
  static void TearDownTestSuite() {
    delete world_;
    delete server_;
    delete folder_;
  }

  void SetUp() override {
    row_ = RowOf(*GetParam());
    ASSERT_NE(row_, nullptr)
        << ShortName(*GetParam()) << " has no row in method_rows.cc";
    world_->Restore();
    right_ = RightRequest();
  }

  // Names what is there now.
  std::unique_ptr<Message> RightRequest() {
    auto request = NewRequest(*GetParam());
    const auto parsed = google::protobuf::util::JsonStringToMessage(
        world_->Fill(row_->right), request.get());
    EXPECT_TRUE(parsed.ok()) << parsed << " in " << row_->right;
    return request;
  }

  absl::Status Call(const Message& request) {
    const absl::Status status =
        CallAny(server_->channel(), *GetParam(), request);
    EXPECT_FALSE(IsOurFault(status))
        << Describe(status) << "\n"
        << request.ShortDebugString().substr(0, 500);
    if (!status.ok()) {
      EXPECT_FALSE(ReasonOf(status).empty()) << Describe(status);
    }
    return status;
  }

  static TempFolder* folder_;
  static TestServer* server_;
  static TestWorld* world_;
  const MethodRow* row_ = nullptr;
  std::unique_ptr<Message> right_;
};
TempFolder* MethodMatrixTest::folder_ = nullptr;
TestServer* MethodMatrixTest::server_ = nullptr;
TestWorld* MethodMatrixTest::world_ = nullptr;

// Without this the faults below would prove nothing.
TEST_P(MethodMatrixTest, TheRightRequestIsTaken) {
  const absl::Status status = Call(*right_);
  EXPECT_TRUE(status.ok()) << Describe(status);
}

TEST_P(MethodMatrixTest, AnEmptyRequestIsAnsweredWithWhatIsMissing) {
  const absl::Status status = Call(*NewRequest(*GetParam()));
  EXPECT_EQ(Summary(status), row_->empty) << Describe(status);
}

TEST_P(MethodMatrixTest, EveryFaultOfEveryFieldIsRefused) {
  std::vector<Fault> faults = FaultsOf(*right_);
  for (size_t i = 0; i < faults.size(); ++i) {
    const Fault& fault = faults[i];
    const absl::Status status = Call(*fault.request);
    if (!IsHarmless(*row_, fault)) {
      EXPECT_TRUE(IsRightAnswer(fault, status))
          << row_->method << ": " << FaultName(fault.kind) << " " << fault.field
          << " -> " << Describe(status);
    }
    if (status.ok()) {  // What it changed must not hide the next fault.
      world_->Restore();
      faults = FaultsOf(*RightRequest());
    }
  }
}

TEST_P(MethodMatrixTest, ARequestIdWithAnotherBodyIsRefused) {
  if (!HasTextField(*right_, "request_id")) return;
  // Nothing else of theirs can be right in two ways: data_snapshots_test.
  if (row_->method == "SnapshotService.CreateDataSnapshot" ||
      row_->method == "SnapshotService.VerifyDataSnapshot") {
    return;
  }
  SetTextField(*right_, "request_id", absl::StrCat("id-", row_->method));
  const absl::Status first = Call(*right_);
  ASSERT_TRUE(first.ok()) << Describe(first);
  const absl::Status again = Call(*right_);
  EXPECT_TRUE(again.ok()) << "a repeat: " << Describe(again);
  int tried = 0;
  for (const Fault& fault : FaultsOf(*right_)) {
    if (fault.field == "request_id") continue;
    const absl::Status other = Call(*fault.request);
    EXPECT_FALSE(other.ok())
        << FaultName(fault.kind) << " " << fault.field << " was taken";
    if (ReasonOf(other) == "REQUEST_ID_REUSED") ++tried;
  }
  EXPECT_GT(tried, 0) << "no other body was told from the first";
}

INSTANTIATE_TEST_SUITE_P(Methods, MethodMatrixTest,
                         testing::ValuesIn(AllMethods()), [](const auto& info) {
                           return absl::StrCat(info.param->service()->name(),
                                               "_", info.param->name());
                         });

// A row for a method that is no more, or was misspelt, is found too.
TEST(MethodRowsTest, NameMethodsThereAre) {
  std::set<std::string> known;
  for (const MethodDescriptor* method : AllMethods()) {
    known.insert(ShortName(*method));
  }
  for (const MethodRow& row : MethodRows()) {
    EXPECT_EQ(known.count(row.method), 1) << row.method;
  }
}

}  // namespace
}  // namespace gradmatch
