// Code tables over a real socket: lists, resolving, crossing, and the import of
// tables that records may name from then on.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gradmatch/v1/code_service.grpc.pb.h"
#include "gtest/gtest.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/codes/code_registry.h"
#include "tests/server/services_fixture.h"

namespace gradmatch {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Codes = v1::CodeService::Stub;

constexpr char kMajors[] =
    "01\t\t1\t工程\t\t\n"
    "0101\t01\t2\t计算机类\t\t\n"
    "010101\t0101\t3\t软件工程\t\t\n"
    "010102\t0101\t3\t量子软件\t软件与量子\t\n";

class CodeServiceTest : public ServicesTest {
 protected:
  ~CodeServiceTest() override {
    server_.Stop();
    EXPECT_TRUE(SetImportedCodeTables({}).ok());
  }

  std::unique_ptr<Codes> codes() {
    return v1::CodeService::NewStub(server_.channel());
  }
  static v1::ImportCodesRequest ImportOf(const std::string& system,
                                         const std::string& version,
                                         const std::string& table) {
    v1::ImportCodesRequest request;
    request.set_name("codeSystems/" + system);
    request.set_version(version);
    request.set_table(table);
    return request;
  }
  absl::StatusOr<v1::ImportCodesResponse> Import(
      const v1::ImportCodesRequest& request) {
    v1::ImportCodesResponse response;
    absl::Status status =
        server_.Call(codes(), &Codes::ImportCodes, request, response);
    if (!status.ok()) return status;
    return response;
  }
  absl::StatusOr<v1::ListCodesResponse> List(
      const v1::ListCodesRequest& request) {
    v1::ListCodesResponse response;
    absl::Status status =
        server_.Call(codes(), &Codes::ListCodes, request, response);
    if (!status.ok()) return status;
    return response;
  }
  absl::StatusOr<v1::ResolveCodesResponse> Resolve(
      const std::string& system, const std::vector<std::string>& texts) {
    v1::ResolveCodesRequest request;
    request.set_parent("codeSystems/" + system);
    for (const std::string& text : texts) request.add_texts(text);
    v1::ResolveCodesResponse response;
    absl::Status status =
        server_.Call(codes(), &Codes::ResolveCodes, request, response);
    if (!status.ok()) return status;
    return response;
  }
  absl::StatusOr<v1::CrossCodesResponse> Cross(
      const v1::CrossCodesRequest& request) {
    v1::CrossCodesResponse response;
    absl::Status status =
        server_.Call(codes(), &Codes::CrossCodes, request, response);
    if (!status.ok()) return status;
    return response;
  }
  // Posting that accepts one major of the imported system.
  v1::Posting PostingFor(const std::string& id, const std::string& system,
                         const std::string& code) {
    v1::Posting posting = GoodPosting(id);
    v1::Code& major = *posting.mutable_majors()->add_groups()->add_codes();
    major.set_system(system);
    major.set_code(code);
    return posting;
  }
  v1::Eligibility::Outcome Outcome(const std::string& posting) {
    v1::CheckEligibilityRequest request;
    *request.mutable_profile() = GoodGraduate().profile();
    request.set_posting(posting);
    v1::CheckEligibilityResponse response;
    const absl::Status status = server_.Call(
        server_.matches(), &Matches::CheckEligibility, request, response);
    EXPECT_TRUE(status.ok()) << status;
    return response.eligibility().outcome();
  }
};

TEST_F(CodeServiceTest, ListsTheSystemsWithTheirVersions) {
  v1::ListCodeSystemsResponse response;
  const absl::Status status = server_.Call(
      codes(), &Codes::ListCodeSystems, v1::ListCodeSystemsRequest(), response);
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_EQ(response.code_systems_size(), 11);
  const v1::CodeSystem& postgraduate = response.code_systems(2);
  EXPECT_EQ(postgraduate.name(), "codeSystems/postgraduate");
  EXPECT_EQ(postgraduate.version(), "moe-2022");
  EXPECT_EQ(postgraduate.levels_size(), 3);
  EXPECT_TRUE(postgraduate.current());
  EXPECT_TRUE(postgraduate.built_in());
  EXPECT_GT(postgraduate.codes(), 600);
}

TEST_F(CodeServiceTest, PagesThroughCodesInTheOrderOfTheTable) {
  v1::ListCodesRequest request;
  request.set_parent("codeSystems/vocational");
  request.set_below("5102");
  request.set_page_size(5);
  std::vector<std::string> seen;
  for (int pages = 0; pages < 10; ++pages) {
    const auto page = List(request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const v1::CodeInfo& info : page->codes()) {
      seen.push_back(info.code().code());
    }
    request.set_page_token(page->next_page_token());
    if (page->next_page_token().empty()) break;
  }
  std::vector<std::string> want = {"5102"};
  for (int i = 1; i <= 16; ++i) {
    want.push_back(absl::StrCat("5102", i < 10 ? "0" : "", i));
  }
  EXPECT_THAT(seen, ElementsAreArray(want));

  // A former code stands among the others, with what took its place.
  v1::ListCodesRequest beijing;
  beijing.set_parent("codeSystems/region");
  beijing.set_below("11");
  const auto codes = List(beijing);
  ASSERT_TRUE(codes.ok()) << codes.status();
  bool former = false;
  for (const v1::CodeInfo& info : codes->codes()) {
    if (info.code().code() != "110228") continue;
    former = true;
    EXPECT_EQ(info.successor(), "110118");
    EXPECT_EQ(info.code().display(), "密云县");
  }
  EXPECT_TRUE(former);
}

TEST_F(CodeServiceTest, WrongListsAreRefusedWithAReason) {
  const auto error = [&](const std::string& parent, const std::string& version,
                         const std::string& below, int size = 0) {
    v1::ListCodesRequest request;
    request.set_parent(parent);
    request.set_version(version);
    request.set_below(below);
    request.set_page_size(size);
    return Summary(List(request).status());
  };
  EXPECT_EQ(error("", "", ""), "INVALID_ARGUMENT FIELD_MISSING parent");
  EXPECT_EQ(error("regions", "", ""), "INVALID_ARGUMENT NAME_INVALID parent");
  EXPECT_EQ(error("codeSystems/none", "", ""),
            "NOT_FOUND CODE_SYSTEM_NOT_FOUND");
  EXPECT_EQ(error("codeSystems/region", "1999", ""),
            "NOT_FOUND CODE_SYSTEM_NOT_FOUND");
  EXPECT_EQ(error("codeSystems/region", "", "999999"),
            "INVALID_ARGUMENT CODE_UNKNOWN below");
  EXPECT_EQ(error("codeSystems/region", "gb2260-2023", "44", -1),
            "INVALID_ARGUMENT FIELD_OUT_OF_RANGE page_size");
}

struct ResolveCase {
  std::string system, text, code;
  double confidence;
};

TEST_F(CodeServiceTest, ResolvesTextsAsPeopleWriteThem) {
  for (const ResolveCase& c : std::vector<ResolveCase>{
           {"undergraduate", "080904K", "080904", 1},
           {"undergraduate", " 软件工程 ", "080902", 1},
           {"postgraduate", "085400", "0854", 1},
           {"postgraduate", "汉语国际教育", "0453", 0.95},
           {"postgraduate", "060102", "0601", 0.95},
           {"vocational", "大数据与会计", "330302", 1},
           {"region", "440305", "440305", 1},
           {"region", "广州", "440100", 0.95},
           {"region", "密云县", "110118", 0.95},
           {"region", "深圳·南山区·科技园", "440305", 0.9},
           {"function", "Java开发工程师（双休）", "010102", 0.9},
           {"undergraduate", "计算机类相关专业", "0809", 0.9}}) {
    const auto response = Resolve(c.system, {c.text});
    ASSERT_TRUE(response.ok()) << response.status();
    const auto& candidates = response->results(0).candidates();
    ASSERT_GT(candidates.size(), 0) << c.text;
    EXPECT_EQ(candidates[0].code().code().code(), c.code) << c.text;
    EXPECT_EQ(candidates[0].confidence(), c.confidence) << c.text;
  }
  const auto like = Resolve("undergraduate", {"计算机科学技术", "哈哈哈"});
  ASSERT_TRUE(like.ok());
  EXPECT_EQ(like->results(0).candidates(0).code().code().code(), "080901");
  EXPECT_LT(like->results(0).candidates(0).confidence(), 1);
  EXPECT_EQ(like->results(1).candidates_size(), 0);
}

TEST_F(CodeServiceTest, WrongTextsAreRefusedWithAReason) {
  const auto error = [&](const std::vector<std::string>& texts) {
    return Summary(Resolve("region", texts).status());
  };
  EXPECT_EQ(error({}), "INVALID_ARGUMENT FIELD_MISSING texts");
  EXPECT_EQ(error({"广州", ""}), "INVALID_ARGUMENT FIELD_MISSING texts[1]");
  EXPECT_EQ(error({std::string(201, 'x')}),
            "INVALID_ARGUMENT FIELD_TOO_LONG texts[0]");
  EXPECT_EQ(error(std::vector<std::string>(501, "广州")),
            "INVALID_ARGUMENT BATCH_TOO_LARGE texts");
  EXPECT_EQ(Summary(Resolve("none", {"x"}).status()),
            "NOT_FOUND CODE_SYSTEM_NOT_FOUND");
}

TEST_F(CodeServiceTest, CrossesByNameAndReportsMisses) {
  v1::CrossCodesRequest request;
  request.set_parent("codeSystems/gd2025-B");
  request.set_to_system("undergraduate");
  for (const char* code : {"B081101", "B0811"}) request.add_codes(code);
  const auto some = Cross(request);
  ASSERT_TRUE(some.ok()) << some.status();
  ASSERT_EQ(some->results_size(), 2);
  // The same name, other digits.
  EXPECT_EQ(some->results(0).code().display(), "土木工程");
  EXPECT_EQ(some->results(0).crossed(0).code(), "081001");

  request.clear_codes();
  const auto all = Cross(request);
  ASSERT_TRUE(all.ok()) << all.status();
  const int codes =
      static_cast<int>(CodeTable::Get("gd2025-B")->entries().size());
  EXPECT_EQ(all->results_size() + all->misses_size(), codes);
  EXPECT_GT(all->misses_size(), 0);
  for (const v1::Code& miss : all->misses()) {
    EXPECT_THAT(CodeTable::Get("undergraduate")->FindByName(miss.display()),
                IsEmpty())
        << miss.display();
  }

  request.add_codes("B999999");
  EXPECT_EQ(Summary(Cross(request).status()),
            "INVALID_ARGUMENT CODE_UNKNOWN codes[0]");
  request.clear_codes();
  request.set_to_system("");
  EXPECT_EQ(Summary(Cross(request).status()),
            "INVALID_ARGUMENT FIELD_MISSING to_system");
  request.set_to_system("none");
  EXPECT_EQ(Summary(Cross(request).status()),
            "INVALID_ARGUMENT CODE_SYSTEM_UNKNOWN to_system");
}

TEST_F(CodeServiceTest, AnImportedCatalogueTakesPartInEligibilityAtOnce) {
  EXPECT_EQ(Summary(Create(PostingFor("A-1", "province-x", "010101")).status()),
            "INVALID_ARGUMENT CODE_SYSTEM_UNKNOWN "
            "posting.majors.groups[0].codes[0].system");
  const auto imported = Import(ImportOf("province-x", "1", kMajors));
  ASSERT_TRUE(imported.ok()) << imported.status();
  EXPECT_EQ(imported->code_system().codes(), 4);
  EXPECT_TRUE(imported->code_system().current());
  EXPECT_FALSE(imported->code_system().built_in());
  EXPECT_THAT(imported->lost_codes(), IsEmpty());

  const auto same = Create(PostingFor("A-1", "province-x", "010101"));
  ASSERT_TRUE(same.ok()) << same.status();
  EXPECT_EQ(same->majors().groups(0).codes(0).display(), "软件工程");
  const auto group = Create(PostingFor("A-2", "province-x", "0101"));
  ASSERT_TRUE(group.ok()) << group.status();
  const auto other = Create(PostingFor("A-3", "province-x", "010102"));
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_EQ(Summary(Create(PostingFor("A-4", "province-x", "999999")).status()),
            "INVALID_ARGUMENT CODE_UNKNOWN "
            "posting.majors.groups[0].codes[0].code");
  // The graduate's 软件工程 is the Ministry's 080902: crossed by name.
  EXPECT_EQ(Outcome(same->name()), v1::Eligibility::OUTCOME_ELIGIBLE);
  EXPECT_EQ(Outcome(group->name()), v1::Eligibility::OUTCOME_ELIGIBLE);
  EXPECT_EQ(Outcome(other->name()), v1::Eligibility::OUTCOME_INELIGIBLE);

  // A newer version of the table is asked at once, without the records' doing.
  std::string renamed = kMajors;
  renamed = absl::StrReplaceAll(
      renamed, {{"010101\t0101\t3\t软件工程", "010101\t0101\t3\t硬件"},
                {"010102\t0101\t3\t量子软件", "010102\t0101\t3\t软件工程"}});
  ASSERT_TRUE(Import(ImportOf("province-x", "2", renamed)).ok());
  EXPECT_EQ(Outcome(same->name()), v1::Eligibility::OUTCOME_INELIGIBLE);
  EXPECT_EQ(Outcome(other->name()), v1::Eligibility::OUTCOME_ELIGIBLE);
}

TEST_F(CodeServiceTest, PostgraduateAndVocationalMajorsCross) {
  const auto postgraduate = Create(PostingFor("A-1", "postgraduate", "083500"));
  ASSERT_TRUE(postgraduate.ok()) << postgraduate.status();
  EXPECT_EQ(postgraduate->majors().groups(0).codes(0).code(), "0835");
  EXPECT_EQ(Outcome(postgraduate->name()), v1::Eligibility::OUTCOME_ELIGIBLE);
  const auto vocational = Create(PostingFor("A-2", "vocational", "520101K"));
  ASSERT_TRUE(vocational.ok()) << vocational.status();
  EXPECT_EQ(vocational->majors().groups(0).codes(0).code(), "520101");
  // 软件工程 is no major of the catalogue: people decide.
  EXPECT_EQ(Outcome(vocational->name()), v1::Eligibility::OUTCOME_CONDITIONAL);
}

TEST_F(CodeServiceTest, ImportedTablesAreThereAfterARestart) {
  ASSERT_TRUE(Import(ImportOf("province-x", "1", kMajors)).ok());
  const auto posting = Create(PostingFor("A-1", "province-x", "010101"));
  ASSERT_TRUE(posting.ok()) << posting.status();
  server_.Stop();
  {
    // Another folder knows nothing of it.
    TestServer other;
    v1::ListCodesRequest request;
    request.set_parent("codeSystems/province-x");
    v1::ListCodesResponse response;
    EXPECT_EQ(Summary(other.Call(v1::CodeService::NewStub(other.channel()),
                                 &Codes::ListCodes, request, response)),
              "NOT_FOUND CODE_SYSTEM_NOT_FOUND");
  }
  server_.Start();
  v1::ListCodesRequest request;
  request.set_parent("codeSystems/province-x");
  const auto codes = List(request);
  ASSERT_TRUE(codes.ok()) << codes.status();
  EXPECT_EQ(codes->codes_size(), 4);
  EXPECT_EQ(Outcome(posting->name()), v1::Eligibility::OUTCOME_ELIGIBLE);
}

TEST_F(CodeServiceTest, AFormerCodeIsReadAsItsSuccessor) {
  v1::Posting posting = GoodPosting("A-1");
  posting.mutable_locations(0)->mutable_region()->set_code("110228");
  const auto created = Create(posting);
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(created->locations(0).region().code(), "110118");
  EXPECT_EQ(created->locations(0).region().display(), "密云区");
  std::vector<std::string> issues;
  for (const v1::Issue& issue : created->issues()) {
    issues.push_back(issue.code() + " " + issue.field());
  }
  EXPECT_THAT(issues, Contains("CODE_SUPERSEDED locations[0].region"));
}

TEST_F(CodeServiceTest, SaysWhichCodesANewVersionLoses) {
  ASSERT_TRUE(Import(ImportOf("province-x", "1", kMajors)).ok());
  v1::ImportCodesRequest next = ImportOf("province-x", "2",
                                         "01\t\t1\t工程\t\t\n"
                                         "0102\t01\t2\t新类\t\t\n"
                                         "0101\t01\t2\t计算机类\t\t\t0102\n");
  next.set_validate_only(true);
  auto response = Import(next);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(response->lost_codes(), ElementsAre("010101", "010102"));
  EXPECT_EQ(CodeTable::Get("province-x")->version(), "1") << "only asked";
  next.set_validate_only(false);
  response = Import(next);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(CodeTable::Get("province-x")->version(), "2");
}

TEST_F(CodeServiceTest, ARepeatedImportIsOneImport) {
  v1::ImportCodesRequest request = ImportOf("province-x", "1", kMajors);
  request.set_request_id("import-1");
  const auto first = Import(request);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto again = Import(request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  request.set_version("2");
  EXPECT_EQ(ReasonOf(Import(request).status()), kRequestIdReused);
  request.set_version("1");
  request.clear_request_id();
  EXPECT_EQ(Summary(Import(request).status()), "ALREADY_EXISTS ALREADY_EXISTS");
  request.set_replace(true);
  EXPECT_TRUE(Import(request).ok());
}

struct BadImport {
  std::string name;
  v1::ImportCodesRequest request;
  std::string summary;
  std::string says = "";
};

TEST_F(CodeServiceTest, BadTablesAreRefusedWholeAndNamed) {
  const std::string too_long("01\t\t1\t" + std::string(1000, 'x') + "\t\t\n");
  for (const BadImport& c : std::vector<BadImport>{
           {"NoName", ImportOf("", "1", kMajors),
            "INVALID_ARGUMENT NAME_INVALID name"},
           {"BadSystem", ImportOf("9x", "1", kMajors),
            "INVALID_ARGUMENT NAME_INVALID name"},
           {"NoVersion", ImportOf("x", "", kMajors),
            "INVALID_ARGUMENT FIELD_MISSING version"},
           {"BadVersion", ImportOf("x", "a/b", kMajors),
            "INVALID_ARGUMENT FIELD_INVALID version"},
           {"NoTable", ImportOf("x", "1", ""),
            "INVALID_ARGUMENT FIELD_MISSING table"},
           {"TooBig", ImportOf("x", "1", std::string((3 << 20) + 1, 'x')),
            "INVALID_ARGUMENT FIELD_TOO_LONG table"},
           {"OnlyBlankLines", ImportOf("x", "1", "\n\n"),
            "INVALID_ARGUMENT CODE_TABLE_INVALID table"},
           {"FewCells", ImportOf("x", "1", "01\t\t1\t甲\t\t\n02,,1,乙\n"),
            "INVALID_ARGUMENT CODE_TABLE_INVALID table", "第 2 行"},
           {"LongName", ImportOf("x", "1", too_long),
            "INVALID_ARGUMENT CODE_TABLE_INVALID table", "第 1 行 名称"},
           {"BadParent",
            ImportOf("x", "1", "01\t\t1\t甲\t\t\n0201\t02\t2\t乙\t\t\n"),
            "INVALID_ARGUMENT CODE_TABLE_INVALID table", "第 2 行 上级代码 02"},
           {"VersionOfTheProgram",
            ImportOf("undergraduate", "moe-2023", kMajors),
            "INVALID_ARGUMENT FIELD_INVALID version", "moe-2023"},
           {"NoMajors", ImportOf("undergraduate", "2", "1-01\t\t1\t甲\t\t\n"),
            "INVALID_ARGUMENT CODE_TABLE_INVALID table", "专业目录"},
           {"NoRegions", ImportOf("region", "2", "11\t\t1\t北京\t\t\n"),
            "INVALID_ARGUMENT CODE_TABLE_INVALID table", "6 位数字"}}) {
    const absl::Status status = Import(c.request).status();
    EXPECT_EQ(Summary(status), c.summary) << c.name;
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.says)) << c.name;
  }
  EXPECT_EQ(CodeTable::Get("x"), nullptr);
  EXPECT_EQ(CodeTable::Get("region")->version(), "gb2260-2023");
  EXPECT_EQ(ImportedFingerprint(), "");
}

}  // namespace
}  // namespace gradmatch
